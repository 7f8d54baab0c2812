using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Jobs;

/// <summary>Checks commands about jobs that exist, and names every problem at once, as <see cref="SubmitJobValidator"/> does.</summary>
internal static class CommandValidator
{
    /// <summary>Most dead letters of one replay.</summary>
    public const int MaxReplayed = 1_000;

    private const int MaxNameLength = 200;
    private const int MaxCodeLength = 100;
    private const int MaxReasonLength = 500;

    /// <summary>All problems of a cancel.</summary>
    public static IReadOnlyList<string> Validate(CancelJob command)
    {
        List<string> problems = [];
        Header(problems, command.SchemaVersion, command.TenantId);
        Id(problems, "jobId", command.JobId);
        if (command.Reason is { } reason && (reason.Length > MaxReasonLength || reason.Any(char.IsControl)))
        {
            problems.Add($"reason must be up to {MaxReasonLength} characters without control characters; got {reason.Length} characters");
        }

        return problems;
    }

    /// <summary>All problems of a change of priority.</summary>
    public static IReadOnlyList<string> Validate(SetJobPriority command)
    {
        List<string> problems = [];
        Header(problems, command.SchemaVersion, command.TenantId);
        Id(problems, "jobId", command.JobId);
        Range(problems, "priority", command.Priority, 0, 9);
        return problems;
    }

    /// <summary>All problems of a replay; whether changes fit a job is found out when the job is known.</summary>
    public static IReadOnlyList<string> Validate(ReplayDeadLetters command)
    {
        List<string> problems = [];
        Header(problems, command.SchemaVersion, command.TenantId);
        Id(problems, "replayId", command.ReplayId);
        Name(problems, "requestedBy", command.RequestedBy, MaxNameLength);
        if ((command.Ids.Count > 0) == (command.Filter is not null))
        {
            problems.Add($"ids or filter must be given, and not both; got {command.Ids.Count} ids and {(command.Filter is null ? "no" : "a")} filter");
        }

        if (command.Ids.Count > MaxReplayed)
        {
            problems.Add($"ids must be at most {MaxReplayed}; got {command.Ids.Count}");
        }

        if (command.Filter is { JobId: null, Code: null, Source: null, Since: null })
        {
            problems.Add("filter must name jobId, code, source or since; got none of them");
        }

        if (command.Filter?.Code is { } code)
        {
            Name(problems, "filter.code", code, MaxCodeLength);
        }

        return problems;
    }

    private static void Header(List<string> problems, int schemaVersion, long tenantId)
    {
        Range(problems, "schemaVersion", schemaVersion, 1, 1);
        if (tenantId < 0)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"tenantId must be 0 or more; got {tenantId}"));
        }
    }

    private static void Id(List<string> problems, string field, Guid id)
    {
        if (id == Guid.Empty)
        {
            problems.Add($"{field} must be an id; got the empty id");
        }
    }

    private static void Name(List<string> problems, string field, string text, int maxLength)
    {
        if (text.Length == 0 || text.Length > maxLength || text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter)))
        {
            problems.Add($"{field} must be 1..{maxLength} characters of the basic plane without control characters; got {text.Length} characters");
        }
    }

    private static void Range(List<string> problems, string field, int value, int minimum, int maximum)
    {
        if (value < minimum || value > maximum)
        {
            string rule = minimum == maximum ? minimum.ToString(CultureInfo.InvariantCulture) : $"{minimum}..{maximum}";
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{field} must be {rule}; got {value}"));
        }
    }
}
