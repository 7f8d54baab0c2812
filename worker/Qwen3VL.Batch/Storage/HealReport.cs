namespace Qwen3VL.Batch.Storage;

/// <summary>What healing mended. All zero in a ledger that nobody but this program wrote to.</summary>
/// <param name="Groups">Groups rebuilt from open chunks that no group held.</param>
/// <param name="Plannings">Planning groups rebuilt for jobs that had none and no plan.</param>
/// <param name="Stages">Groups freed that waited for a stage that had ended.</param>
/// <param name="Counters">Jobs whose counters were not what their chunks say.</param>
/// <param name="Jobs">Jobs ended whose chunks had all ended.</param>
internal sealed record HealReport(int Groups, int Plannings, int Stages, int Counters, int Jobs)
{
    /// <summary>Whether anything was mended.</summary>
    public bool Any => Groups + Plannings + Stages + Counters + Jobs > 0;

    /// <summary>What went wrong; everything else was done.</summary>
    public IReadOnlyList<Exception> Errors { get; init; } = [];
}
