using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Writes the results of one job as text of some form.</summary>
internal interface IResultFormat
{
    /// <summary>Ending of a file of this form, with the dot.</summary>
    string Extension { get; }

    /// <summary>Writes a job's results; ends with a line break.</summary>
    void Write(JobResults results, TextWriter writer);
}
