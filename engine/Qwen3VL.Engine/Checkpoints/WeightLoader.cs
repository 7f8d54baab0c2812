using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Moves tensors from a checkpoint to a backend and keeps the list of what it made, so that a load that fails half-way frees everything.
/// </summary>
/// <param name="map">The checkpoint's tensors; borrowed.</param>
/// <param name="backend">Where the weights go; borrowed.</param>
/// <param name="cancellationToken">Stops between two tensors.</param>
internal sealed class WeightLoader(WeightMap map, IBackend backend, CancellationToken cancellationToken)
{
    private readonly List<Weight> _weights = [];

    /// <summary>Loads a matrix <c>[rows, columns]</c>.</summary>
    internal Weight Matrix(string name, int rows, int columns)
    {
        cancellationToken.ThrowIfCancellationRequested();
        map.CheckShape(name, rows, columns);
        Weight weight = backend.CreateWeight(name, rows, columns, (firstRow, destination) => map.ReadRows(name, rows, columns, firstRow, destination));
        _weights.Add(weight);
        return weight;
    }

    /// <summary>Loads a vector of <paramref name="length"/> values.</summary>
    internal Weight Vector(string name, int length) => Matrix(name, 1, length);

    /// <summary>Reads a matrix that stays on the host.</summary>
    internal float[] HostMatrix(string name, int rows, int columns)
    {
        cancellationToken.ThrowIfCancellationRequested();
        map.CheckShape(name, rows, columns);
        if ((long)rows * columns > Array.MaxLength)
        {
            throw new CheckpointException($"{name} must have at most {Array.MaxLength} values; got {rows} x {columns}");
        }

        var values = new float[rows * columns];
        map.ReadRows(name, rows, columns, 0, values);
        return values;
    }

    /// <summary>Frees everything loaded so far.</summary>
    internal void DisposeWeights()
    {
        foreach (Weight weight in _weights)
        {
            weight.Dispose();
        }

        _weights.Clear();
    }
}
