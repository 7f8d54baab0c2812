namespace Qwen3VL.Engine.Backends;

/// <summary>A constant of the model on a device, named as in the checkpoint. Owned by the model.</summary>
public abstract class Weight : IDisposable
{
    /// <summary>Creates a weight of a shape; a vector has one row.</summary>
    protected Weight(string name, int rows, int columns)
    {
        Name = name;
        Rows = rows;
        Columns = columns;
    }

    /// <summary>Checkpoint name.</summary>
    public string Name { get; }

    /// <summary>Output features of a matrix, 1 for a vector.</summary>
    public int Rows { get; }

    /// <summary>Input features of a matrix, length of a vector.</summary>
    public int Columns { get; }

    /// <summary>Frees the memory. Idempotent.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the implementation holds.</summary>
    protected abstract void Dispose(bool disposing);
}
