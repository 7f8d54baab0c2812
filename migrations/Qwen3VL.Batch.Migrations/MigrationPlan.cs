namespace Qwen3VL.Batch.Migrations;

/// <summary>What is applied and what is to do.</summary>
/// <param name="DatabaseVersion">Highest applied version; 0 for an empty database.</param>
/// <param name="TargetVersion">Highest version this program knows.</param>
/// <param name="Applied">Applied scripts, in order, those of newer programs included.</param>
/// <param name="Pending">Scripts that <see cref="MigrationRunner.ApplyAsync(IProgress{MigrationStep}?, CancellationToken)"/> would run, in order.</param>
public sealed record MigrationPlan(int DatabaseVersion, int TargetVersion, IReadOnlyList<MigrationStep> Applied, IReadOnlyList<MigrationStep> Pending);
