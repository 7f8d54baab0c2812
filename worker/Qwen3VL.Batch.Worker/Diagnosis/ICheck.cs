using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Looks at one thing that the program needs. Changes nothing; never throws for what it looks at.</summary>
internal interface ICheck
{
    /// <summary>Looks.</summary>
    Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken);
}
