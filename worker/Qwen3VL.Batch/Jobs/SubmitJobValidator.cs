using System.Buffers;
using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Jobs;

/// <summary>
/// Checks every field of a command before anything is recorded, and names every problem at once: a client corrects its command in one go.
/// Problems read <c>field must be rule; got value</c>; values are quoted only where they are numbers or words of the contract.
/// </summary>
internal static class SubmitJobValidator
{
    private const int MaxKeyLength = 200;
    private const int MaxUriLength = 4_096;
    private const int MaxTasks = 8;
    private const int MaxLabels = 32;
    private const int MaxLabelLength = 100;
    private const int Sha256HexLength = 64;

    // Labels are written between quotes into the model's prompt, joined by commas: these would end a name early or start a new one.
    private static readonly SearchValues<char> LabelForbidden = SearchValues.Create("\"'`,");

    /// <summary>All problems of a submit command; empty when it can be recorded.</summary>
    /// <param name="command">The command.</param>
    /// <param name="defaults">What the worker uses for options that are not given.</param>
    /// <param name="now">The clock that deadlines are compared with.</param>
    public static IReadOnlyList<string> Validate(SubmitJob command, PlanningOptions defaults, DateTimeOffset now)
    {
        List<string> problems = [];
        Header(problems, command.SchemaVersion, command.TenantId);
        if (command.IdempotencyKey.Length is 0 or > MaxKeyLength || HasControl(command.IdempotencyKey))
        {
            problems.Add($"idempotencyKey must be 1..{MaxKeyLength} characters without control characters; got {command.IdempotencyKey.Length} characters");
        }

        Source(problems, command.Source);
        Tasks(problems, command);
        Range(problems, "priority", command.Priority, 0, 9);
        if (command.DeadlineAt is DateTimeOffset deadline && deadline <= now)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"deadlineAt must be in the future; got {deadline:O} at {now:O}"));
        }

        Sampling(problems, command.Options);
        Range(problems, "options.maxPixels", command.Options.MaxPixels, 1_024, 1_000_000_000);
        if (command.Kind == JobKind.Document)
        {
            Document(problems, command.Options);
        }
        else
        {
            Video(problems, command.Options, defaults);
        }

        return problems;
    }

    private static void Header(List<string> problems, int schemaVersion, long tenantId)
    {
        Range(problems, "schemaVersion", schemaVersion, 1, 1);
        Range(problems, "tenantId", tenantId, 0, long.MaxValue);
    }

    private static void Source(List<string> problems, JobSource source)
    {
        if (source.Uri.Length is 0 or > MaxUriLength || HasControl(source.Uri))
        {
            problems.Add($"source.uri must be 1..{MaxUriLength} characters without control characters; got {source.Uri.Length} characters");
        }

        // Refused before anything is recorded, so that a password does not come to lie in the database.
        if (SourceUrl.IsUrl(source.Uri) && !SourceUrl.TryParse(source.Uri, out _))
        {
            problems.Add($"source.uri must be a path or {SourceUrl.Rule}; got {source.Uri.Length} characters");
        }

        if (source.Sha256 is { } sha256 && (sha256.Length != Sha256HexLength || !sha256.All(char.IsAsciiHexDigitLower)))
        {
            problems.Add($"source.sha256 must be {Sha256HexLength} lower-case hex digits; got {sha256.Length} characters");
        }
    }

    private static void Tasks(List<string> problems, SubmitJob command)
    {
        if (command.Tasks.Count is 0 or > MaxTasks)
        {
            problems.Add($"tasks must hold 1..{MaxTasks} tasks; got {command.Tasks.Count}");
        }

        HashSet<JobTaskKind> seen = [];
        foreach (JobTask task in command.Tasks)
        {
            string name = task.Kind.ToString().ToLowerInvariant();
            if (!seen.Add(task.Kind))
            {
                problems.Add($"tasks must hold each kind once; got {name} twice");
            }

            if (!Fits(task.Kind, command.Kind))
            {
                problems.Add($"tasks must fit the kind of the job; got {name} for a {command.Kind.ToString().ToLowerInvariant()}");
            }

            Labels(problems, task, name);
        }
    }

    private static bool Fits(JobTaskKind task, JobKind kind) => task switch
    {
        JobTaskKind.Ocr or JobTaskKind.Spotting or JobTaskKind.Grounding => kind == JobKind.Document,
        JobTaskKind.Events => kind == JobKind.Video,
        _ => true,
    };

    private static void Labels(List<string> problems, JobTask task, string name)
    {
        if (task.Kind != JobTaskKind.Grounding)
        {
            if (task.Labels.Count > 0)
            {
                problems.Add($"labels must be empty for {name}; got {task.Labels.Count}");
            }

            return;
        }

        if (task.Labels.Count is 0 or > MaxLabels)
        {
            problems.Add($"labels must hold 1..{MaxLabels} names; got {task.Labels.Count}");
        }

        for (int i = 0; i < task.Labels.Count; i++)
        {
            string label = task.Labels[i];
            if (string.IsNullOrWhiteSpace(label) || label.Length > MaxLabelLength || HasControl(label) || label.AsSpan().ContainsAny(LabelForbidden))
            {
                problems.Add($"labels[{i}] must be 1..{MaxLabelLength} characters without quotes, commas and control characters; got {label?.Length ?? 0} characters");
            }
        }
    }

    private static void Document(List<string> problems, JobOptions options)
    {
        Range(problems, "options.firstPage", options.FirstPage, 1, int.MaxValue);
        Range(problems, "options.lastPage", options.LastPage, options.FirstPage ?? 1, int.MaxValue);
        Range(problems, "options.dpi", options.Dpi, 36, 600);
        Range(problems, "options.pagesPerChunk", options.PagesPerChunk, 1, 64);
        Absent(problems, "options.framesPerSecond", options.FramesPerSecond, "document");
        Absent(problems, "options.windowSeconds", options.WindowSeconds, "document");
        Absent(problems, "options.overlapSeconds", options.OverlapSeconds, "document");
    }

    private static void Video(List<string> problems, JobOptions options, PlanningOptions defaults)
    {
        Absent(problems, "options.firstPage", options.FirstPage, "video");
        Absent(problems, "options.lastPage", options.LastPage, "video");
        Absent(problems, "options.dpi", options.Dpi, "video");
        Absent(problems, "options.pagesPerChunk", options.PagesPerChunk, "video");
        if (options.FramesPerSecond is double rate && !(rate > 0 && rate <= 60))
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"options.framesPerSecond must be above 0 and up to 60; got {rate}"));
        }

        Range(problems, "options.windowSeconds", options.WindowSeconds, 1, 3_600);
        double window = options.WindowSeconds ?? defaults.WindowSeconds;
        // The default overlap shrinks with a small window; only an overlap the client chose can be wrong.
        if (options.OverlapSeconds is double overlap && !(overlap >= 0 && overlap < window / 2))
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"options.overlapSeconds must be 0 or more and less than half a window of {window} s; got {overlap}"));
        }
    }

    private static void Sampling(List<string> problems, JobOptions options)
    {
        Range(problems, "options.maxOutputTokens", options.MaxOutputTokens, 1, 262_144);
        Range(problems, "options.temperature", options.Temperature, 0, 100);
        Range(problems, "options.topK", options.TopK, 1, 1_000_000);
        Range(problems, "options.seed", options.Seed, 0, long.MaxValue);
        if (options.TopP is double topP && !(topP > 0 && topP <= 1))
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"options.topP must be above 0 and up to 1; got {topP}"));
        }
    }

    private static bool HasControl(string text) => text.Any(char.IsControl) || HasLoneSurrogate(text);

    private static bool HasLoneSurrogate(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return true;
            }
        }

        return false;
    }

    private static void Absent<T>(List<string> problems, string field, T? value, string kind)
        where T : struct
    {
        if (value is not null)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{field} must be left out for a {kind}; got {value}"));
        }
    }

    private static void Range<T>(List<string> problems, string field, T? value, T minimum, T maximum)
        where T : struct, IComparable<T>
    {
        // Written so that NaN, which compares below everything, is out of range.
        if (value is T given && !(given.CompareTo(minimum) >= 0 && given.CompareTo(maximum) <= 0))
        {
            string rule = maximum.Equals(long.MaxValue) || maximum.Equals(int.MaxValue) ? $"{minimum} or more" : $"{minimum}..{maximum}";
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{field} must be {rule}; got {given}"));
        }
    }
}
