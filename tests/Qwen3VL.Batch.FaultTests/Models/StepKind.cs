namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>What can be done to a ledger.</summary>
internal enum StepKind
{
    /// <summary>A command comes, new or known, with the same body or another.</summary>
    Submit,

    /// <summary>A worker leases groups.</summary>
    Claim,

    /// <summary>A plan is committed, under a lease that may be stale.</summary>
    Plan,

    /// <summary>Planning is given up.</summary>
    FailPlanning,

    /// <summary>A chunk is begun.</summary>
    Begin,

    /// <summary>A chunk ends well.</summary>
    Complete,

    /// <summary>A chunk is given up.</summary>
    Fail,

    /// <summary>A chunk failed and stays open.</summary>
    Retry,

    /// <summary>A group is given back in order.</summary>
    Release,

    /// <summary>A group is given back by a worker whose engine stopped.</summary>
    ReleaseLost,

    /// <summary>A group with nothing to do is deleted.</summary>
    Finish,

    /// <summary>A lease runs out with its worker silent, and a sweep follows.</summary>
    ExpireAndSweep,

    /// <summary>A sweep.</summary>
    Sweep,

    /// <summary>A job is asked to stop.</summary>
    Cancel,

    /// <summary>A job's deadline passes, and a sweep follows.</summary>
    Overdue,

    /// <summary>A job is moved in the queue.</summary>
    SetPriority,

    /// <summary>What can be derived is rebuilt: there must be nothing to do.</summary>
    Heal,
}
