namespace Qwen3VL.Batch.Migrations;

/// <summary>One script and whether it was applied.</summary>
/// <param name="Version">Number of the script.</param>
/// <param name="Name">Its name.</param>
/// <param name="AppliedAt">When it was applied, by the database's clock; null when it was not.</param>
/// <param name="Duration">How long it took; null when it was not applied.</param>
public sealed record MigrationStep(int Version, string Name, DateTimeOffset? AppliedAt, TimeSpan? Duration);
