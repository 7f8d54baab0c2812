namespace Qwen3VL.Batch.Media.Videos;

/// <summary>What the container says about its video stream.</summary>
/// <param name="Width">Upright width in pixels.</param>
/// <param name="Height">Upright height in pixels.</param>
/// <param name="TimeBaseNumerator">The unit of time is this over <paramref name="TimeBaseDenominator"/> seconds.</param>
/// <param name="TimeBaseDenominator">See <paramref name="TimeBaseNumerator"/>.</param>
internal sealed record VideoStreamFacts(int Width, int Height, long TimeBaseNumerator, long TimeBaseDenominator);
