using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>Builds a safetensors file tensor by tensor.</summary>
internal sealed class TensorFile
{
    private readonly JsonObject _header = [];
    private readonly List<byte> _data = [];

    /// <summary>The tensors of a checkpoint that a test keeps, in one file.</summary>
    internal static TensorFile Copy(string folder, Func<string, bool> keep)
    {
        var copy = new TensorFile();
        using CheckpointIndex index = CheckpointIndex.Open(folder);
        foreach (string name in index.TensorNames.Where(keep))
        {
            if (!index.TryFind(name, out SafetensorsFile? source, out SafetensorsEntry? entry))
            {
                throw new InvalidDataException($"{folder} must hold {name}; got none");
            }

            string type = entry.Type switch
            {
                SafetensorsType.BFloat16 => "BF16",
                SafetensorsType.Float32 => "F32",
                _ => throw new InvalidDataException($"dtype of {entry.Name} must be BF16 or F32; got {entry.Type}"),
            };
            copy.Add(entry.Name, type, [.. entry.Shape.Select(dimension => checked((int)dimension))], source.ReadBytes(entry));
        }

        return copy;
    }

    internal TensorFile Add(string name, string type, int[] shape, byte[] data)
    {
        _header[name] = new JsonObject
        {
            ["dtype"] = type,
            ["shape"] = new JsonArray([.. shape.Select(dimension => (JsonNode)dimension)]),
            ["data_offsets"] = new JsonArray(_data.Count, _data.Count + data.Length),
        };
        _data.AddRange(data);
        return this;
    }

    internal TensorFile AddFloats(string name, int[] shape, float[] values)
    {
        byte[] data = new byte[sizeof(float) * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(sizeof(float) * i), values[i]);
        }

        return Add(name, "F32", shape, data);
    }

    internal string Write(ModelFolder folder, string file = "model.safetensors") => folder.WriteTensors(file, _header.ToJsonString(), [.. _data]);
}
