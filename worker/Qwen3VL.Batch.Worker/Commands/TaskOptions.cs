using System.CommandLine;
using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The options of <c>submit</c> that say what is asked and how.</summary>
internal sealed class TaskOptions
{
    private readonly Option<JobTaskKind[]> _tasks = new("--task", "-t")
    {
        Description = "What is asked; may be repeated. Default: ocr for documents; caption, events and summary for videos",
        HelpName = "ocr|spotting|caption|grounding|events|summary",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _labels = new("--label", "-l")
    {
        Description = "What grounding looks for; may be repeated; implies --task grounding",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _pages = new("--pages")
    {
        Description = "Pages of a document, for example 3 or 2-5 or 7-",
        HelpName = "RANGE",
    };

    private readonly Option<int?> _dpi = new("--dpi") { Description = "Resolution of PDF pages, 36..600", HelpName = "NUMBER" };

    private readonly Option<int?> _maxPixels = new("--max-pixels")
    {
        Description = "Most pixels of a page, or of a window's frames together",
        HelpName = "NUMBER",
    };

    private readonly Option<int?> _pagesPerChunk = new("--pages-per-chunk")
    {
        Description = "Pages stored at once, 1..64",
        HelpName = "NUMBER",
    };

    private readonly Option<double?> _fps = new("--fps") { Description = "Frames a second taken from a video", HelpName = "NUMBER" };
    private readonly Option<double?> _window = new("--window-seconds") { Description = "Length of a video window", HelpName = "SECONDS" };

    private readonly Option<double?> _overlap = new("--overlap-seconds")
    {
        Description = "Overlap of neighbouring windows",
        HelpName = "SECONDS",
    };

    private readonly SamplingOptions _sampling = new();

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _tasks, _labels, _pages, _dpi, _maxPixels, _pagesPerChunk, _fps, _window, _overlap })
        {
            command.Options.Add(option);
        }

        _sampling.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_pages) is { } pages && !PageRange.TryParse(pages, out _))
            {
                result.AddError($"--pages must be a page or a range like 3, 2-5 or 7-, from 1; got {pages}");
            }
        });
    }

    /// <summary>The tasks asked for; empty when none was named.</summary>
    public IReadOnlyList<JobTask> Tasks(ParseResult call)
    {
        string[] labels = call.GetValue(_labels) ?? [];
        List<JobTaskKind> kinds = [.. (call.GetValue(_tasks) ?? []).Distinct()];
        if (labels.Length > 0 && !kinds.Contains(JobTaskKind.Grounding))
        {
            kinds.Add(JobTaskKind.Grounding);
        }

        if (kinds.Contains(JobTaskKind.Grounding) && labels.Length == 0)
        {
            throw new CommandException(ExitCodes.Usage, "--task grounding must come with at least one --label; got none");
        }

        return [.. kinds.Select(kind => new JobTask { Kind = kind, Labels = kind == JobTaskKind.Grounding ? labels : [] })];
    }

    /// <summary>How it is done.</summary>
    public JobOptions Options(ParseResult call)
    {
        _ = PageRange.TryParse(call.GetValue(_pages) ?? "", out PageRange pages);
        JobOptions options = new()
        {
            FirstPage = pages.First,
            LastPage = pages.Last,
            Dpi = call.GetValue(_dpi),
            MaxPixels = call.GetValue(_maxPixels),
            PagesPerChunk = call.GetValue(_pagesPerChunk),
            FramesPerSecond = call.GetValue(_fps),
            WindowSeconds = call.GetValue(_window),
            OverlapSeconds = call.GetValue(_overlap),
        };
        return _sampling.Apply(call, options);
    }
}
