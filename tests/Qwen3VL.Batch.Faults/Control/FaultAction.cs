namespace Qwen3VL.Batch.Faults.Control;

/// <summary>What the deterministic engine can be ordered to do in place of a good answer.</summary>
internal enum FaultAction
{
    /// <summary>Refuses the request as one that can never run.</summary>
    Refuse,

    /// <summary>Refuses the request as one that is too large: smaller media may run.</summary>
    TooLarge,

    /// <summary>Fails with an exception nobody expects; its text has as many characters as the order's value.</summary>
    Throw,

    /// <summary>Stops the engine: a broken invariant.</summary>
    StopEngine,

    /// <summary>Ends the process at once, as SIGKILL does.</summary>
    Crash,

    /// <summary>Never answers; an abort ends it.</summary>
    Stall,

    /// <summary>Never answers and does not hear an abort.</summary>
    Deaf,

    /// <summary>Answers late, by the order's value in milliseconds.</summary>
    Slow,

    /// <summary>Takes memory until somebody ends the process.</summary>
    Allocate,

    /// <summary>Answers with text that attacks what stores it: NUL, lone surrogates, and as many characters as the order's value; boxes that are none.</summary>
    Hostile,

    /// <summary>Answers when the order's gate opens: a file that the harness makes.</summary>
    Gate,
}
