using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>Builds a safetensors file tensor by tensor.</summary>
internal sealed class TensorFile
{
    private readonly JsonObject _header = [];
    private readonly List<byte> _data = [];

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
