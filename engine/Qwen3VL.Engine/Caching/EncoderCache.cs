namespace Qwen3VL.Engine.Caching;

/// <summary>
/// Books the room of encoder outputs by content: which media items are encoded, who still needs them, which may go. It owns no memory;
/// the runner holds the tensors and drops those that <see cref="Reserve"/> names. Used by the engine thread only.
/// </summary>
/// <remarks>
/// <code>
///   absent --Reserve--> used (users > 0) --last Release--> freeable (users = 0, keeps its rows) --Reserve of another--> absent (evicted)
///                         ^------------------- Acquire --------------'
/// </code>
/// Freeable items are evicted oldest first, and only when their room is needed. An item larger than the whole capacity is taken when
/// nothing is in use: it must run somehow, and then it runs alone. After vllm-project/vllm <c>v1/core/encoder_cache_manager.py</c>.
/// </remarks>
internal sealed class EncoderCache
{
    private readonly Dictionary<ContentHash, Entry> _entries = [];
    private readonly LinkedList<ContentHash> _freeable = new();

    /// <summary>Creates an empty cache.</summary>
    /// <param name="capacityRows">Merged vision tokens it may hold.</param>
    public EncoderCache(int capacityRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityRows, 1);
        CapacityRows = capacityRows;
    }

    /// <summary>Rows it may hold.</summary>
    public int CapacityRows { get; }

    /// <summary>Items held, used or freeable.</summary>
    public int Count => _entries.Count;

    /// <summary>Rows of all items held.</summary>
    public int HeldRows { get; private set; }

    /// <summary>Rows of items that somebody uses.</summary>
    public int UsedRows { get; private set; }

    /// <summary>Whether an item is held.</summary>
    public bool Contains(ContentHash content) => _entries.ContainsKey(content);

    /// <summary>Whether an item is held and used.</summary>
    public bool IsUsed(ContentHash content) => _entries.TryGetValue(content, out Entry? entry) && entry.Users > 0;

    /// <summary>
    /// Whether <paramref name="rows"/> more would fit when <paramref name="pendingRows"/> (planned in the same step, hits on freeable items
    /// included) are taken first.
    /// </summary>
    public bool HasRoom(int rows, int pendingRows)
    {
        long taken = (long)UsedRows + pendingRows;
        return taken + rows <= CapacityRows || taken == 0;
    }

    /// <summary>Adds a user to a held item.</summary>
    public void Acquire(ContentHash content)
    {
        if (!_entries.TryGetValue(content, out Entry? entry))
        {
            throw new EngineInvariantException($"an acquired media item must be held; got an unknown one among {Count}");
        }

        if (entry.Freeable is not null)
        {
            _freeable.Remove(entry.Freeable);
            entry.Freeable = null;
            UsedRows += entry.Rows;
        }

        entry.Users++;
    }

    /// <summary>Books a new item with one user, evicting freeable items as needed.</summary>
    /// <param name="content">The item.</param>
    /// <param name="rows">Its merged vision tokens.</param>
    /// <param name="evicted">Receives the items whose outputs must be dropped.</param>
    public void Reserve(ContentHash content, int rows, List<ContentHash> evicted)
    {
        if (_entries.ContainsKey(content) || !HasRoom(rows, 0))
        {
            throw new EngineInvariantException(
                $"a reserved media item must be absent and fit; got {rows} rows, held {_entries.ContainsKey(content)}, used {UsedRows} of {CapacityRows}");
        }

        while (HeldRows + rows > CapacityRows && _freeable.First is { } oldest)
        {
            _freeable.RemoveFirst();
            _entries.Remove(oldest.Value, out Entry? entry);
            HeldRows -= entry?.Rows ?? 0;
            evicted.Add(oldest.Value);
        }

        _entries.Add(content, new Entry { Rows = rows, Users = 1 });
        HeldRows += rows;
        UsedRows += rows;
    }

    /// <summary>Drops a user; without users the item stays until its room is needed.</summary>
    public void Release(ContentHash content)
    {
        if (!_entries.TryGetValue(content, out Entry? entry) || entry.Users < 1)
        {
            throw new EngineInvariantException($"a released media item must be used; got {(entry is null ? "an absent one" : "one without users")} among {Count}");
        }

        if (--entry.Users == 0)
        {
            entry.Freeable = _freeable.AddLast(content);
            UsedRows -= entry.Rows;
        }
    }

    /// <summary>Drops an item without users that has no output, so that it is not taken for encoded.</summary>
    public void Forget(ContentHash content)
    {
        if (!_entries.TryGetValue(content, out Entry? entry) || entry.Freeable is null)
        {
            throw new EngineInvariantException($"a forgotten media item must be held without users; got {entry?.Users ?? 0} users among {Count}");
        }

        _freeable.Remove(entry.Freeable);
        _entries.Remove(content);
        HeldRows -= entry.Rows;
    }

    /// <summary>Checks row sums, the freeable list, and the users of each item.</summary>
    /// <param name="expectedUsers">Users of each item as their holders know it; absent means none.</param>
    public void CheckInvariants(IReadOnlyDictionary<ContentHash, int> expectedUsers)
    {
        int held = 0;
        int used = 0;
        int freeable = 0;
        int known = 0;
        foreach ((ContentHash content, Entry entry) in _entries)
        {
            held += entry.Rows;
            used += entry.Users > 0 ? entry.Rows : 0;
            freeable += entry.Users == 0 ? 1 : 0;
            int expected = expectedUsers.GetValueOrDefault(content);
            known += expected > 0 ? 1 : 0;
            if (entry.Users != expected || (entry.Freeable is null) != (entry.Users > 0))
            {
                throw new EngineInvariantException(
                    $"a media item's users must be its holders; got {entry.Users} users, {expected} holders, in the freeable list {entry.Freeable is not null}");
            }
        }

        if (held != HeldRows || used != UsedRows || freeable != _freeable.Count || known != expectedUsers.Count)
        {
            throw new EngineInvariantException(
                $"encoder rows must add up; got held {HeldRows} and {held}, used {UsedRows} and {used}, freeable {_freeable.Count} and {freeable}, items in use {expectedUsers.Count} and {known}");
        }
    }

    private sealed class Entry
    {
        public required int Rows { get; init; }

        public required int Users { get; set; }

        public LinkedListNode<ContentHash>? Freeable { get; set; }
    }
}
