using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;

namespace Qwen3VL.Benchmarks;

/// <summary>
/// Loads a checkpoint of the shape and type of the 2B model, 4.26 GB of bfloat16 written to a temporary folder, beside plain reading of the
/// file. The first figures are of a file just written, so mostly of memory; drop the page cache in between for those of the disk.
/// </summary>
internal static class LoadBenchmark
{
    private const int Hidden = 2048;
    private const int Intermediate = 6144;
    private const int Layers = 28;
    private const int Vocabulary = 151936;
    private const int VisionHidden = 1024;
    private const int VisionIntermediate = 4096;
    private const int VisionDepth = 24;
    private const int Merged = 4 * VisionHidden;
    private const int PieceBytes = 1 << 20;

    /// <summary>Writes, reads and loads it, and removes it.</summary>
    internal static void Run(CpuBackend backend)
    {
        string folder = Directory.CreateTempSubdirectory("qwen3vl-2b-").FullName;
        try
        {
            WriteConfig(folder);
            string file = Path.Combine(folder, "model.safetensors");
            WriteWeights(file);
            double gigabytes = new FileInfo(file).Length * 1e-9;
            for (int round = 0; round < 2; round++)
            {
                Print("read the file", gigabytes, () => ReadThrough(file));
                Print("load the model", gigabytes, () => Qwen3VLModel.Load(folder, ModelConfig.Load(folder), backend, CancellationToken.None).Dispose());
            }

            Print("fingerprint of the folder", gigabytes, () => ModelFingerprint.Compute(folder, null, CancellationToken.None));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(string what, double gigabytes, Action body)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        body();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        Report.Line($"{what}, {gigabytes:F2} GB", new Timing(seconds, (process.TotalProcessorTime - before).TotalSeconds), gigabytes, "GB");
    }

    private static void ReadThrough(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] piece = new byte[PieceBytes];
        while (stream.Read(piece) > 0)
        {
        }
    }

    private static void WriteConfig(string folder)
    {
        var text = new JsonObject
        {
            ["hidden_size"] = Hidden,
            ["num_hidden_layers"] = Layers,
            ["num_attention_heads"] = 16,
            ["num_key_value_heads"] = 8,
            ["head_dim"] = 128,
            ["intermediate_size"] = Intermediate,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 262144,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 5000000,
            ["hidden_act"] = "silu",
            ["rope_scaling"] = new JsonObject { ["mrope_interleaved"] = true, ["mrope_section"] = new JsonArray(24, 20, 20), ["rope_type"] = "default" },
        };
        var vision = new JsonObject
        {
            ["depth"] = VisionDepth,
            ["hidden_size"] = VisionHidden,
            ["intermediate_size"] = VisionIntermediate,
            ["num_heads"] = 16,
            ["in_channels"] = 3,
            ["patch_size"] = 16,
            ["temporal_patch_size"] = 2,
            ["spatial_merge_size"] = 2,
            ["num_position_embeddings"] = 2304,
            ["out_hidden_size"] = Hidden,
            ["hidden_act"] = "gelu_pytorch_tanh",
            ["deepstack_visual_indexes"] = new JsonArray(5, 11, 17),
        };
        var config = new JsonObject
        {
            ["model_type"] = "qwen3_vl",
            ["image_token_id"] = 151655,
            ["video_token_id"] = 151656,
            ["vision_start_token_id"] = 151652,
            ["vision_end_token_id"] = 151653,
            ["tie_word_embeddings"] = true,
            ["text_config"] = text,
            ["vision_config"] = vision,
        };
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
    }

    private static void WriteWeights(string path)
    {
        var header = new JsonObject();
        long offset = 0;
        foreach ((string name, int[] shape) in Tensors())
        {
            long bytes = shape.Aggregate(2L, (product, dimension) => product * dimension);
            header[name] = new JsonObject
            {
                ["dtype"] = "BF16",
                ["shape"] = new JsonArray([.. shape.Select(dimension => (JsonNode)dimension)]),
                ["data_offsets"] = new JsonArray(offset, offset + bytes),
            };
            offset += bytes;
        }

        byte[] json = Encoding.UTF8.GetBytes(header.ToJsonString());
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        byte[] piece = new byte[PieceBytes];
        new Random(1).NextBytes(piece);
        using FileStream stream = File.Create(path);
        stream.Write(length);
        stream.Write(json);
        for (; offset > 0; offset -= PieceBytes)
        {
            stream.Write(piece.AsSpan(0, (int)Math.Min(PieceBytes, offset)));
        }
    }

    // Every tensor of the shape, in the released names.
    private static IEnumerable<(string Name, int[] Shape)> Tensors()
    {
        yield return ("model.language_model.embed_tokens.weight", [Vocabulary, Hidden]);
        yield return ("model.language_model.norm.weight", [Hidden]);
        foreach ((string name, int[] shape) in Enumerable.Range(0, Layers).SelectMany(DecoderLayer).Concat(Enumerable.Range(0, VisionDepth).SelectMany(VisionBlock)))
        {
            yield return (name, shape);
        }

        yield return ("model.visual.patch_embed.proj.weight", [VisionHidden, 3, 2, 16, 16]);
        yield return ("model.visual.patch_embed.proj.bias", [VisionHidden]);
        yield return ("model.visual.pos_embed.weight", [2304, VisionHidden]);
        foreach ((string name, int[] shape) in Merger("model.visual.merger.", VisionHidden)
            .Concat(Enumerable.Range(0, 3).SelectMany(tap => Merger($"model.visual.deepstack_merger_list.{tap}.", Merged))))
        {
            yield return (name, shape);
        }
    }

    private static IEnumerable<(string Name, int[] Shape)> DecoderLayer(int index)
    {
        string prefix = $"model.language_model.layers.{index}.";
        yield return (prefix + "input_layernorm.weight", [Hidden]);
        yield return (prefix + "post_attention_layernorm.weight", [Hidden]);
        yield return (prefix + "self_attn.q_proj.weight", [2048, Hidden]);
        yield return (prefix + "self_attn.k_proj.weight", [1024, Hidden]);
        yield return (prefix + "self_attn.v_proj.weight", [1024, Hidden]);
        yield return (prefix + "self_attn.o_proj.weight", [Hidden, 2048]);
        yield return (prefix + "self_attn.q_norm.weight", [128]);
        yield return (prefix + "self_attn.k_norm.weight", [128]);
        yield return (prefix + "mlp.gate_proj.weight", [Intermediate, Hidden]);
        yield return (prefix + "mlp.up_proj.weight", [Intermediate, Hidden]);
        yield return (prefix + "mlp.down_proj.weight", [Hidden, Intermediate]);
    }

    private static IEnumerable<(string Name, int[] Shape)> VisionBlock(int index)
    {
        string prefix = $"model.visual.blocks.{index}.";
        return WithBias(prefix + "norm1", [VisionHidden])
            .Concat(WithBias(prefix + "norm2", [VisionHidden]))
            .Concat(WithBias(prefix + "attn.qkv", [3 * VisionHidden, VisionHidden]))
            .Concat(WithBias(prefix + "attn.proj", [VisionHidden, VisionHidden]))
            .Concat(WithBias(prefix + "mlp.linear_fc1", [VisionIntermediate, VisionHidden]))
            .Concat(WithBias(prefix + "mlp.linear_fc2", [VisionHidden, VisionIntermediate]));
    }

    private static IEnumerable<(string Name, int[] Shape)> Merger(string prefix, int normWidth) =>
        WithBias(prefix + "norm", [normWidth])
            .Concat(WithBias(prefix + "linear_fc1", [Merged, Merged]))
            .Concat(WithBias(prefix + "linear_fc2", [Hidden, Merged]));

    private static (string Name, int[] Shape)[] WithBias(string module, int[] shape) => [(module + ".weight", shape), (module + ".bias", [shape[0]])];
}
