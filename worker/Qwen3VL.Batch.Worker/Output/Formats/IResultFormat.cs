using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Writes the results of one job as text of some form.</summary>
internal interface IResultFormat
{
    /// <summary>Ending of a file of this form, with the dot.</summary>
    string Extension { get; }

    /// <summary>What a file or stream begins with, before the first job; with its line break.</summary>
    string Head => "";

    /// <summary>What stands between two jobs of one stream.</summary>
    string Separator => Environment.NewLine;

    /// <summary>Writes a job's results; ends with a line break.</summary>
    void Write(JobResults results, TextWriter writer);
}
