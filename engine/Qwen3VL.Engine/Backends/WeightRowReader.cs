namespace Qwen3VL.Engine.Backends;

/// <summary>
/// Reads whole rows of a weight in the element type of its <see cref="WeightDescription"/>, little-endian. May run on several threads at once.
/// </summary>
/// <param name="firstRow">First row.</param>
/// <param name="destination">As many rows as fit exactly, row-major.</param>
public delegate void WeightRowReader(int firstRow, Span<byte> destination);
