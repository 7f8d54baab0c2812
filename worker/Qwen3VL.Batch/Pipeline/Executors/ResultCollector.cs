using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Results;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>Gathers what the answers of one chunk, or of one page of it, gave. Not safe for use from several threads: one owner at a time.</summary>
internal sealed class ResultCollector
{
    private readonly List<PageResult> _pages = [];
    private readonly List<CaptionResult> _captions = [];
    private readonly List<BoxResult> _boxes = [];
    private readonly List<SegmentResult> _segments = [];
    private readonly List<SummaryPart> _summaryParts = [];
    private readonly List<ParseIssue> _issues = [];
    private int _answers;
    private int _unreadable;

    /// <summary>Adds a page.</summary>
    public void Add(PageResult page) => _pages.Add(page);

    /// <summary>Adds a caption.</summary>
    public void Add(CaptionResult caption) => _captions.Add(caption);

    /// <summary>Adds a segment.</summary>
    public void Add(SegmentResult segment) => _segments.Add(segment);

    /// <summary>Adds a partial summary.</summary>
    public void Add(SummaryPart part) => _summaryParts.Add(part);

    /// <summary>Adds boxes.</summary>
    public void Add(IReadOnlyList<BoxResult> boxes) => _boxes.AddRange(boxes);

    /// <summary>Adds segments.</summary>
    public void Add(IReadOnlyList<SegmentResult> segments) => _segments.AddRange(segments);

    /// <summary>Adds everything that another collector gathered.</summary>
    public void Add(ResultCollector other)
    {
        _pages.AddRange(other._pages);
        _captions.AddRange(other._captions);
        _boxes.AddRange(other._boxes);
        _segments.AddRange(other._segments);
        _summaryParts.AddRange(other._summaryParts);
        _issues.AddRange(other._issues);
        _answers += other._answers;
        _unreadable += other._unreadable;
    }

    /// <summary>Takes an answer that is text as it is. One that was cut at the output limit is kept and noted.</summary>
    public string TakeText(int unit, JobTaskKind task, GenerationResult generation)
    {
        _answers++;
        string text = ModelText.Clean(generation.Text);
        if (generation.FinishReason == FinishReason.Length)
        {
            AddCutIssue(unit, task, generation);
        }

        return text.Trim();
    }

    /// <summary>Takes what reading an answer gave; null when nothing could be read.</summary>
    /// <remarks>A cut answer is noted as cut, whatever the reader then missed at its end: that is the cause.</remarks>
    public T? TakeParsed<T>(int unit, JobTaskKind task, GenerationResult generation, ParseOutcome<T> outcome)
        where T : class
    {
        _answers++;
        _unreadable += outcome.Value is null ? 1 : 0;
        if (generation.FinishReason == FinishReason.Length)
        {
            AddCutIssue(unit, task, generation);
        }
        else if (outcome.Failure is ParseFailure failure)
        {
            _issues.Add(new ParseIssue(unit, task, failure.Code, failure.Message, ModelText.Clean(generation.Text)));
        }

        return outcome.Value;
    }

    /// <summary>The chunk's result.</summary>
    /// <param name="usage">Usage of all its requests.</param>
    /// <param name="jobSummary">The job's summary, from the last reduction.</param>
    /// <exception cref="ContentException">output_unreadable: there were answers and none of them could be read; the issues go along.</exception>
    public ChunkResult ToResult(ChunkUsage usage, string? jobSummary = null)
    {
        if (_answers > 0 && _unreadable == _answers)
        {
            throw new ContentException(ErrorCodes.OutputUnreadable, $"at least one answer of a chunk must be readable; got {_answers} that were not")
            {
                Evidence = new ChunkResult { Issues = _issues, Usage = usage },
            };
        }

        return new ChunkResult
        {
            Pages = _pages,
            Captions = _captions,
            Boxes = _boxes,
            Segments = _segments,
            SummaryParts = _summaryParts,
            JobSummary = jobSummary,
            Issues = _issues,
            Usage = usage,
        };
    }

    private void AddCutIssue(int unit, JobTaskKind task, GenerationResult generation) => _issues.Add(
        new ParseIssue(
            unit,
            task,
            ErrorCodes.OutputTruncated,
            $"answer must end within the output limit; it was cut after {generation.Usage.OutputTokens} tokens",
            ModelText.Clean(generation.Text)));
}
