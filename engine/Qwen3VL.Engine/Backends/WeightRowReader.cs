namespace Qwen3VL.Engine.Backends;

/// <summary>Reads whole rows of a weight as 32-bit floats.</summary>
/// <param name="firstRow">First row.</param>
/// <param name="destination">As many rows as fit exactly, row-major.</param>
public delegate void WeightRowReader(int firstRow, Span<float> destination);
