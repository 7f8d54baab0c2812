namespace Qwen3VL.Batch.Storage;

/// <summary>Decides which of all workers sweeps.</summary>
internal interface ISweepLeader
{
    /// <summary>Whether this process leads now. Takes the lead when nobody has it; never waits for who has.</summary>
    Task<bool> TryLeadAsync(CancellationToken cancellationToken);
}
