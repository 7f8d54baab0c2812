namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>What <c>results --format</c> can be.</summary>
internal enum ResultFormatName
{
    /// <summary>For a person at a terminal.</summary>
    Text,

    /// <summary>For programs: everything stored, one object a job.</summary>
    Json,

    /// <summary>For a document.</summary>
    Markdown,

    /// <summary>For a spreadsheet: a row for each page, box and event.</summary>
    Csv,

    /// <summary>For a browser: results beside their inputs.</summary>
    Html,
}
