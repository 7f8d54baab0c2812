namespace Qwen3VL.Batch.Jobs;

/// <summary>Stable error codes: stored, sent in events, documented in the README. Never renamed.</summary>
internal static class ErrorCodes
{
    /// <summary>A command's field is missing or out of range.</summary>
    public const string InvalidCommand = "invalid_command";

    /// <summary>The idempotency key was used with another body.</summary>
    public const string IdempotencyConflict = "idempotency_conflict";

    /// <summary>The source is not a path below the source root, or a URL that this worker or the URL's server refuses.</summary>
    public const string SourceRefused = "source_refused";

    /// <summary>There is no such file, or the URL's server says so.</summary>
    public const string SourceNotFound = "source_not_found";

    /// <summary>The URL's server could not be reached, or was too busy, at every try.</summary>
    public const string SourceUnavailable = "source_unavailable";

    /// <summary>The file's SHA-256 is not the one in the command, or it changed while the job ran.</summary>
    public const string SourceChanged = "source_changed";

    /// <summary>The file is larger than a limit on bytes, pixels, pages or duration.</summary>
    public const string LimitExceeded = "limit_exceeded";

    /// <summary>The file is not a kind that the job can read.</summary>
    public const string UnsupportedMedia = "unsupported_media";

    /// <summary>The file is broken.</summary>
    public const string DecodeFailed = "decode_failed";

    /// <summary>Decoding took too long.</summary>
    public const string DecodeTimeout = "decode_timeout";

    /// <summary>The engine refused the request, for example because it is too long.</summary>
    public const string RequestRefused = "request_refused";

    /// <summary>The model's answer was cut at the output limit.</summary>
    public const string OutputTruncated = "output_truncated";

    /// <summary>The model's answer is not of the form that was asked for; the raw text is kept.</summary>
    public const string OutputUnreadable = "output_unreadable";

    /// <summary>The job's deadline passed.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";

    /// <summary>Some chunks of the job were given up.</summary>
    public const string ChunksFailed = "chunks_failed";

    /// <summary>Processes died with the chunk, or with the planning of the job, the last ones with nothing beside it.</summary>
    public const string Crash = "crash";

    /// <summary>The chunk ran longer than a chunk may.</summary>
    public const string ChunkTimeout = "chunk_timeout";

    /// <summary>Not an error: the result was read from media that were made smaller, because larger ones did not fit.</summary>
    public const string Degraded = "degraded";

    /// <summary>Not an error: the answer was asked for again, with other random numbers, because the first could not be read.</summary>
    public const string Resampled = "resampled";

    /// <summary>A defect of the worker; the log has the details.</summary>
    public const string Internal = "internal";

    /// <summary>A command's body is larger than 64 KiB.</summary>
    public const string CommandTooLarge = "command_too_large";

    /// <summary>A command is not JSON of its contract.</summary>
    public const string CommandUnreadable = "command_unreadable";

    /// <summary>A message is of no command of this product.</summary>
    public const string CommandUnknown = "command_unknown";

    /// <summary>The broker gave a command up: every delivery of it ended without an answer.</summary>
    public const string DeliveryLimit = "delivery_limit";

    /// <summary>The broker did not take a message of the outbox.</summary>
    public const string MessageUnsent = "message_unsent";
}
