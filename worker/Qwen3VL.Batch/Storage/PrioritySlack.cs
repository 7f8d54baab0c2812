namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Turns a priority into a place in the queue: groups are claimed in order of creation time + slack. A higher priority overtakes by minutes or
/// hours, never for ever, so nothing starves.
/// </summary>
internal static class PrioritySlack
{
    private static readonly double[] Minutes = [360, 240, 120, 60, 30, 10, 6, 3, 1, 0];

    /// <summary>Slack in seconds of every priority, from 0.</summary>
    public static double[] All => [.. Minutes.Select(minutes => minutes * 60)];

    /// <summary>Slack in seconds of priority 0 (six hours) to 9 (none).</summary>
    public static double Seconds(int priority) => Minutes[Math.Clamp(priority, 0, Minutes.Length - 1)] * 60;
}
