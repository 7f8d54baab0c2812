namespace Qwen3VL.Batch.Messaging;

/// <summary>How closely the broker is watched. Not configuration: tests look more often.</summary>
internal sealed record BrokerWatchOptions
{
    /// <summary>Time between two looks.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// After so long without a consumer the process ends: the client library reconnects within seconds, a consumer timeout takes two minutes at
    /// most to be found out, and what takes longer has not been seen to come back.
    /// </summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromMinutes(3);
}
