namespace Qwen3VL.Engine.Constraints;

/// <summary>A step of a grammar state over one byte.</summary>
/// <param name="Low">Lowest byte.</param>
/// <param name="High">Highest byte.</param>
/// <param name="Target">State behind it; may lie inside a string body, see <see cref="Grammar.InsideString"/>.</param>
internal readonly record struct ByteEdge(byte Low, byte High, int Target);
