using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Qwen3VL.TestKit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>A temporary model folder that starts as a copy of a golden checkpoint's configuration and is deleted with the test.</summary>
internal sealed class ModelFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("qwen3vl-model-").FullName;

    internal string File(string name) => System.IO.Path.Combine(Path, name);

    internal static JsonObject GoldenConfig() =>
        JsonNode.Parse(System.IO.File.ReadAllText(Goldens.Path("models", "dense-tied", "config.json"))) as JsonObject
        ?? throw new InvalidDataException("config.json must hold an object; got another value");

    /// <summary>A section of a configuration; the whole of it for an empty name.</summary>
    internal static JsonObject Section(JsonObject config, string name) =>
        name.Length == 0 ? config : config[name] as JsonObject ?? throw new InvalidDataException($"{name} must be an object; got another value");

    internal void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    internal void WriteConfig(Action<JsonObject> change)
    {
        JsonObject config = GoldenConfig();
        change(config);
        Write("config.json", config.ToJsonString());
    }

    /// <summary>Writes a safetensors file of any header text and data.</summary>
    internal string WriteTensors(string name, string header, byte[] data, long? headerBytes = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, headerBytes ?? json.Length);
        json.CopyTo(file, 8);
        data.CopyTo(file, 8 + json.Length);
        System.IO.File.WriteAllBytes(File(name), file);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
