using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Results;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.parse_issues</c> as Dapper fills it.</summary>
internal sealed record IssueRow
{
    /// <summary>Column <c>unit</c>.</summary>
    public int Unit { get; init; }

    /// <summary>Column <c>task</c>.</summary>
    public string Task { get; init; } = "";

    /// <summary>Column <c>code</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>Column <c>message</c>.</summary>
    public string Message { get; init; } = "";

    /// <summary>Column <c>raw_text</c>.</summary>
    public string RawText { get; init; } = "";

    /// <summary>The row as the worker's record.</summary>
    public ParseIssue ToIssue() => new(Unit, StoredWord.Parse<JobTaskKind>(Task), Code, Message, RawText);
}
