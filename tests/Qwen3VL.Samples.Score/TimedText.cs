namespace Qwen3VL.Samples.Score;

/// <summary>An event.</summary>
/// <param name="Text">Its words.</param>
/// <param name="Start">Seconds.</param>
/// <param name="End">Seconds.</param>
internal sealed record TimedText(string Text, double Start, double End);
