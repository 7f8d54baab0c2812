using Qwen3VL.TestKit;

namespace Qwen3VL.Engine.Contract.Serving;

/// <summary>Requests that the bundled model answers well, from the reference inputs.</summary>
internal static class TinyRequests
{
    private const string Read = "Read all the text in the image.";

    public static GenerationRequest Text { get; } = Ask(
        "These are the summaries of consecutive parts of one video:\n1. The video shows a blue triangle.\n2. The video shows a green triangle.\n"
        + "3. The video shows a pink square, then a pink star.\nWrite one summary of the whole video.");

    public static GenerationRequest Line { get; } = Image("line0.png", Read);

    public static GenerationRequest OtherLine { get; } = Image("line2.png", Read);

    public static GenerationRequest Paragraph { get; } = Image("para1.png", Read);

    public static GenerationRequest Caption { get; } = Image("caption0.png", "Describe this image.");

    public static GenerationRequest Clip { get; } = Ask("Summarize this video.", new VideoPart(ClipOf("vsum0", 2)));

    /// <summary>The clip of <see cref="Clip"/> after an image, with another question.</summary>
    public static GenerationRequest ImageAndClip { get; } = Ask(
        "What does the video show?", new ImagePart(PngFile.ReadRgb(Goldens.Path("tiny", "line0.png"))), new VideoPart(ClipOf("vsum0", 2)));

    /// <summary>The frames of <see cref="Clip"/> half as fast: only the time texts differ, and not the first one.</summary>
    public static GenerationRequest SlowerClip { get; } = Ask("Summarize this video.", new VideoPart(SlowedClip()));

    public static GenerationRequest Image(string file, string question) => Ask(question, new ImagePart(PngFile.ReadRgb(Goldens.Path("tiny", file))));

    public static VideoClip ClipOf(string folder, double framesPerSecond)
    {
        IReadOnlyList<RgbImage> frames = PngFile.ReadFrames(Goldens.Path("tiny", folder));
        return new VideoClip(frames, [.. Enumerable.Range(0, frames.Count).Select(index => index / framesPerSecond)]);
    }

    private static VideoClip SlowedClip()
    {
        VideoClip clip = ClipOf("vsum0", 2);
        return new VideoClip(clip.Frames, [.. clip.TimesSeconds.Select((time, index) => index < 2 ? time : 2 * time)]);
    }

    public static GenerationRequest Ask(string question, params IReadOnlyList<PromptPart> media) => new()
    {
        Messages = [ChatMessage.User([.. media, new TextPart(question)])],
        MaxOutputTokens = 40,
    };
}
