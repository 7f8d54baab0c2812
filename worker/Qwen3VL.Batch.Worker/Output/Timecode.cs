using System.Globalization;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Times of a video as people read them.</summary>
internal static class Timecode
{
    /// <summary>Seconds with one decimal, for example <c>12.5</c>.</summary>
    public static string Seconds(long milliseconds) => (milliseconds / 1000.0).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>A length in words, for example <c>850 ms</c>, <c>12.5 s</c> or <c>1 h 02 min 05 s</c>.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours} h {time.Minutes:00} min {time.Seconds:00} s"),
    };
}
