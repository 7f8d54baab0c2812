using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>What a job over a <see cref="SyntheticSource"/> must have stored, computed without the product's pipeline or database.</summary>
internal sealed class ExpectedResults(SyntheticSource source, IReadOnlyList<JobTaskKind> tasks)
{
    private const int SummaryFanIn = 4;

    /// <summary>Hash of a page's picture.</summary>
    public string ContentSha256(int pageNo) => SyntheticPages.ContentSha256(SyntheticPages.Image(source.Sha256, pageNo));

    /// <summary>Text of a page; null when no task asks for it.</summary>
    public string? Text(int pageNo) => tasks.Contains(JobTaskKind.Ocr) ? FaultAnswers.Answer(ContentSha256(pageNo), Prompts.Ocr) : null;

    /// <summary>Description of a page; null when no task asks for it.</summary>
    public string? Caption(int pageNo) => tasks.Contains(JobTaskKind.Caption) ? Description(pageNo) : null;

    /// <summary>Boxes of a page.</summary>
    public int BoxCount => tasks.Contains(JobTaskKind.Spotting) ? 2 : 0;

    /// <summary>The job's summary when every chunk succeeded; null when no task asks for it.</summary>
    public string? Summary()
    {
        if (!tasks.Contains(JobTaskKind.Summary))
        {
            return null;
        }

        IReadOnlyList<string> parts = source.Seconds > 0
            ? [.. Windows().Select(window => Watch(Core(window), Prompts.SummarizeVideo))]
            : [.. Enumerable.Range(1, source.Pages).Select(Description)];
        var texts = parts.Index().ToDictionary(part => part.Index, part => part.Item);
        foreach (IReadOnlyList<(int First, int Last)> level in SummaryLevels.Build(parts.Count, SummaryFanIn))
        {
            texts = level.ToDictionary(range => range.First, range => Reduce(texts, range));
        }

        return texts.Values.Single();
    }

    /// <summary>Segments of a video when every chunk succeeded: captions of windows, events as each saw them, and events of the whole.</summary>
    public IReadOnlyList<(string Kind, int StartMs, int EndMs, string Body)> Segments()
    {
        IReadOnlyList<VideoWindow> windows = source.Seconds > 0 ? Windows() : [];
        var segments = new List<(string, int, int, string)>();
        foreach (VideoWindow window in windows)
        {
            IReadOnlyList<int> frames = SyntheticVideo.Frames(window.StartMs, window.EndMs);
            if (tasks.Contains(JobTaskKind.Caption))
            {
                segments.Add(("window", window.StartMs, window.EndMs, Watch(frames, Prompts.SummarizeVideo)));
            }

            if (tasks.Contains(JobTaskKind.Events))
            {
                string own = FaultAnswers.WindowEvent(Content(frames));
                segments.Add(("windowEvent", window.StartMs, window.EndMs, own));
                segments.Add(("windowEvent", window.StartMs, window.EndMs, FaultAnswers.LastingEvent));
                segments.Add(("event", window.StartMs, window.EndMs, own));
            }
        }

        if (tasks.Contains(JobTaskKind.Events) && windows.Count > 0)
        {
            // Windows overlap, so what all of them tell in the same words is one event.
            segments.Add(("event", 0, windows[^1].EndMs, FaultAnswers.LastingEvent));
        }

        return segments;
    }

    private IReadOnlyList<VideoWindow> Windows() => VideoWindows.Split(source.Seconds * 1000, new JobOptions(), new PlanningOptions(), SyntheticVideo.Bounds);

    // What the next window does not see, in pairs.
    private static IReadOnlyList<int> Core(VideoWindow window)
    {
        IReadOnlyList<int> frames = SyntheticVideo.Frames(window.StartMs, window.CoreEndMs);
        int even = frames.Count / 2 * 2;
        return window.CoreEndMs == window.EndMs || even < SyntheticVideo.Bounds.MinFrames ? SyntheticVideo.Frames(window.StartMs, window.EndMs) : [.. frames.Take(even)];
    }

    private string Content(IEnumerable<int> frames) => SyntheticPages.ContentSha256(SyntheticVideo.Images(source.Sha256, frames));

    private string Watch(IEnumerable<int> frames, string prompt) => FaultAnswers.Answer(Content(frames), prompt);

    private string Reduce(Dictionary<int, string> below, (int First, int Last) range)
    {
        string[] inputs = [.. below.Where(part => part.Key >= range.First && part.Key <= range.Last).OrderBy(part => part.Key).Select(part => part.Value)];
        return inputs.Length == 1 ? inputs[0] : FaultAnswers.Answer("", Prompts.Reduce(source.Seconds > 0 ? "video" : "document", inputs));
    }

    private string Description(int pageNo) => FaultAnswers.Answer(ContentSha256(pageNo), Prompts.DescribeImage);
}
