using System.Text;

namespace Qwen3VL.Batch.Faults.Network;

/// <summary>Exchanges one byte string of a stream for another of the same length: how a guard is taken out of a statement on its way to the database.</summary>
internal sealed class FlowRewrite
{
    private int _count;

    /// <summary>Creates one for ASCII text; a shorter replacement is filled with spaces.</summary>
    /// <exception cref="ArgumentException">The replacement is longer.</exception>
    public FlowRewrite(string from, string to)
    {
        if (from.Length == 0 || to.Length > from.Length)
        {
            throw new ArgumentException($"replacement must be at most as long as what it replaces ({from.Length}); got {to.Length}", nameof(to));
        }

        From = Encoding.ASCII.GetBytes(from);
        To = Encoding.ASCII.GetBytes(to.PadRight(from.Length));
    }

    /// <summary>What is looked for.</summary>
    public ReadOnlyMemory<byte> From { get; }

    /// <summary>What is put there.</summary>
    public ReadOnlyMemory<byte> To { get; }

    /// <summary>Times that it was done.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts one.</summary>
    public void Done() => Interlocked.Increment(ref _count);
}
