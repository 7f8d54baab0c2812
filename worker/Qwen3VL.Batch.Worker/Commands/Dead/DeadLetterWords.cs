using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary>One spelling of dead letters and of what became of them.</summary>
internal static class DeadLetterWords
{
    /// <summary>What it was, for example <c>chunk 3 of job ...</c> or <c>SubmitJob</c>.</summary>
    public static string Subject(StoredDeadLetter row) => row.Source == "chunk"
        ? Chunk(row.JobId, row.ChunkNo)
        : BrokerNames.ContractName(row.MessageType ?? "unknown message");

    /// <summary>An outcome on one line.</summary>
    public static string Outcome(ReplayedLetter letter)
    {
        string what = letter.Source == "chunk" ? $"  {Chunk(letter.JobId, letter.ChunkNo)}" : "";
        string became = letter.FollowUpJobId is { } job ? $" -> job {job}" : letter.MessageId is { } message ? $" -> message {message}" : "";
        string reason = letter.Reason is { } text ? $": {text}" : "";
        return $"{Verdict(letter.Verdict)}  {letter.Id}  {letter.Source}{what}{became}{reason}";
    }

    /// <summary>A verdict in words.</summary>
    public static string Verdict(ReplayVerdict verdict) => verdict switch
    {
        ReplayVerdict.Replayed => "replayed",
        ReplayVerdict.WouldReplay => "would replay",
        ReplayVerdict.NotOpen => "not open",
        ReplayVerdict.TooOften => string.Create(CultureInfo.InvariantCulture, $"replayed {DeadLetterReplay.MaxReplays} times already (--force)"),
        ReplayVerdict.JobOpen => "its job has not ended",
        ReplayVerdict.JobGone => "its job, or one that it builds on, is no longer stored or is being deleted",
        ReplayVerdict.NotReplayable => "cannot be sent",
        ReplayVerdict.InvalidChanges => "changes do not fit its job",
        ReplayVerdict.AlreadyReplayed => "replayed with this replay id already",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "verdict must be a known one"),
    };

    private static string Chunk(Guid? job, int? chunk) => string.Create(CultureInfo.InvariantCulture, $"chunk {chunk} of job {job}");
}
