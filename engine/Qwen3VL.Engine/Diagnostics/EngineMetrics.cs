namespace Qwen3VL.Engine.Diagnostics;

/// <summary>
/// Counters of one engine. Written by the engine thread, readable from any thread at any time; values of one moment may come from two
/// neighbouring steps.
/// </summary>
public sealed class EngineMetrics
{
    private long _steps;
    private long _layers;
    private long _promptTokens;
    private long _cachedTokens;
    private long _outputTokens;
    private long _computedTokens;
    private long _preemptions;
    private long _mediaEncoded;
    private long _running;
    private long _waiting;
    private long _freeBlocks;

    /// <summary>Steps run.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Decoder layers and vision blocks run: what grows within a long step.</summary>
    public long Layers => Volatile.Read(ref _layers);

    /// <summary>Prompt tokens of admitted sequences, each counted once.</summary>
    public long PromptTokens => Volatile.Read(ref _promptTokens);

    /// <summary>Those of them that were found in the prefix cache.</summary>
    public long CachedTokens => Volatile.Read(ref _cachedTokens);

    /// <summary>Tokens generated.</summary>
    public long OutputTokens => Volatile.Read(ref _outputTokens);

    /// <summary>Tokens that went through the layers, recomputed ones included.</summary>
    public long ComputedTokens => Volatile.Read(ref _computedTokens);

    /// <summary>Times a sequence lost its blocks.</summary>
    public long Preemptions => Volatile.Read(ref _preemptions);

    /// <summary>Media items that went through the vision tower.</summary>
    public long MediaEncoded => Volatile.Read(ref _mediaEncoded);

    /// <summary>Sequences running now.</summary>
    public long RunningSequences => Volatile.Read(ref _running);

    /// <summary>Sequences inside the engine that wait now.</summary>
    public long WaitingSequences => Volatile.Read(ref _waiting);

    /// <summary>KV blocks that no sequence holds now.</summary>
    public long FreeKvBlocks => Volatile.Read(ref _freeBlocks);

    /// <summary>Counts an admitted sequence.</summary>
    internal void Admitted(int numPromptTokens, int numCachedTokens)
    {
        Add(ref _promptTokens, numPromptTokens);
        Add(ref _cachedTokens, numCachedTokens);
    }

    /// <summary>Counts a layer or block.</summary>
    internal void LayerRan() => Add(ref _layers, 1);

    /// <summary>Counts a step.</summary>
    internal void Stepped(int numTokens, int numOutputTokens, int numEncoded, int numPreempted)
    {
        Add(ref _steps, 1);
        Add(ref _computedTokens, numTokens);
        Add(ref _outputTokens, numOutputTokens);
        Add(ref _mediaEncoded, numEncoded);
        Add(ref _preemptions, numPreempted);
    }

    /// <summary>Notes what is in the engine now.</summary>
    internal void Now(int numRunning, int numWaiting, int numFreeBlocks)
    {
        Volatile.Write(ref _running, numRunning);
        Volatile.Write(ref _waiting, numWaiting);
        Volatile.Write(ref _freeBlocks, numFreeBlocks);
    }

    // One writer: the engine thread. A plain read and a released write are enough.
    private static void Add(ref long counter, long amount) => Volatile.Write(ref counter, counter + amount);
}
