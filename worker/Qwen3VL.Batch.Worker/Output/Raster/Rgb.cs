namespace Qwen3VL.Batch.Worker.Output.Raster;

/// <summary>A colour, eight bits a channel.</summary>
/// <param name="R">Red.</param>
/// <param name="G">Green.</param>
/// <param name="B">Blue.</param>
internal readonly record struct Rgb(byte R, byte G, byte B)
{
    /// <summary>White.</summary>
    public static Rgb White { get; } = new(255, 255, 255);

    /// <summary>As CSS writes it, for example <c>#d62728</c>.</summary>
    public string Css => $"#{R:x2}{G:x2}{B:x2}";
}
