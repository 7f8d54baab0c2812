using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.TestKit;

namespace Qwen3VL.Engine.Tests.Conformance;

/// <summary>A small folder of goldens, copied to be spoilt: one picture, a few texts, one case of a checkpoint.</summary>
internal sealed class GoldenCopy : IDisposable
{
    public const string Model = "models/other-name";

    public GoldenCopy()
    {
        Folder = Directory.CreateTempSubdirectory("qwen3vl-goldens-").FullName;
        Copy("image/0.png", "image/0.png");
        WriteFirst("image/pixels.json", 1);
        WriteFirst("tokenizer/tiny.json", 20);
        foreach (string file in (string[])["config.json", "model.safetensors", "text.golden.json", "text.golden.safetensors"])
        {
            Copy($"models/dense-tied/{file}", $"{Model}/{file}");
        }
    }

    public string Folder { get; }

    public string Path(string file) => System.IO.Path.Combine(Folder, file);

    public void EditJson(string file, Action<JsonNode> edit)
    {
        JsonNode node = JsonNode.Parse(File.ReadAllBytes(Path(file))) ?? throw new InvalidDataException(file);
        edit(node);
        File.WriteAllText(Path(file), node.ToJsonString());
    }

    /// <summary>Adds to one value of a 32-bit float tensor.</summary>
    public void AddToFloat(string file, string tensor, int index, float addend)
    {
        long offset;
        using (SafetensorsFile open = SafetensorsFile.Open(Path(file)))
        {
            offset = open.Entries[tensor].FileOffset + (index * sizeof(float));
        }

        byte[] bytes = File.ReadAllBytes(Path(file));
        Span<byte> value = bytes.AsSpan((int)offset, sizeof(float));
        BinaryPrimitives.WriteSingleLittleEndian(value, BinaryPrimitives.ReadSingleLittleEndian(value) + addend);
        File.WriteAllBytes(Path(file), bytes);
    }

    /// <summary>Writes every tensor under other names: none drops it, several repeat it.</summary>
    public void RenameTensors(string file, Func<string, string[]> names)
    {
        byte[] bytes = File.ReadAllBytes(Path(file));
        int dataStart = sizeof(long) + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var header = new JsonObject();
        var data = new List<byte>();
        foreach ((string name, JsonNode? entry) in JsonNode.Parse(bytes.AsSpan(sizeof(long)..dataStart))?.AsObject().ToArray() ?? [])
        {
            if (entry?["data_offsets"] is not JsonArray offsets)
            {
                continue;
            }

            int[] range = [.. offsets.Select(offset => offset?.GetValue<int>() ?? 0)];
            foreach (string other in names(name))
            {
                JsonNode copy = entry.DeepClone();
                copy["data_offsets"] = new JsonArray(data.Count, data.Count + range[1] - range[0]);
                header[other] = copy;
                data.AddRange(bytes[(dataStart + range[0])..(dataStart + range[1])]);
            }
        }

        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        File.WriteAllBytes(Path(file), [.. length, .. json, .. data]);
    }

    public void Truncate(string file, double part)
    {
        byte[] bytes = File.ReadAllBytes(Path(file));
        File.WriteAllBytes(Path(file), bytes[..(int)(bytes.Length * part)]);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public void Copy(string golden, string file)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(file)) ?? "");
        File.Copy(Goldens.Path(golden), Path(file));
    }

    private void WriteFirst(string file, int count)
    {
        JsonArray all = JsonNode.Parse(File.ReadAllBytes(Goldens.Path(file)))?.AsArray() ?? [];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(file)) ?? "");
        File.WriteAllText(Path(file), new JsonArray([.. all.Take(count).Select(one => one?.DeepClone())]).ToJsonString());
    }
}
