namespace Qwen3VL.Batch.Storage;

/// <summary>What a worker has room for.</summary>
/// <param name="Count">Groups in all.</param>
/// <param name="SharedCount">Groups of other lanes than the interactive one; the rest of the room is reserved.</param>
/// <param name="Lanes">Lanes that it takes from.</param>
internal sealed record ClaimLimits(int Count, int SharedCount, IReadOnlyList<short> Lanes)
{
    /// <summary>Room for so many groups of bulk and interactive work, none of it reserved.</summary>
    public static ClaimLimits Of(int count) => new(count, count, [Storage.Lanes.Bulk, Storage.Lanes.Interactive]);
}
