namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Form of a list.</summary>
internal enum ListFormat
{
    /// <summary>A table on a terminal; columns with tabs between them in a pipe.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,

    /// <summary>Comma-separated values with a line of names (RFC 4180).</summary>
    Csv,
}
