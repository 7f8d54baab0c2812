using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Everything that is stored, as one JSON object on one line: several jobs make a file of JSON lines.</summary>
internal sealed class JsonResultFormat : IResultFormat
{
    /// <inheritdoc/>
    public string Extension => ".json";

    /// <inheritdoc/>
    public string Separator => "";

    /// <inheritdoc/>
    public void Write(JobResults results, TextWriter writer)
    {
        writer.Write(JsonSerializer.Serialize(results, ContractJson.Options));
        writer.Write('\n');
    }
}
