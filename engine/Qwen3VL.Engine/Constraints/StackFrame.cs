namespace Qwen3VL.Engine.Constraints;

/// <summary>A place to return to, on top of others. Shared by all readings that have the same frames; immutable.</summary>
/// <param name="Id">Equal for equal frames while the automaton keeps them.</param>
/// <param name="Parent">The frame below; null for the bottom.</param>
/// <param name="Return">State to go on in.</param>
/// <param name="Depth">Frames below.</param>
internal sealed record StackFrame(int Id, StackFrame? Parent, int Return, int Depth);
