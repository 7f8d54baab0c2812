using System.Buffers.Binary;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Fuzzing;

/// <summary>Files of a model folder come from anywhere: whatever they hold, the answer is a value or a <see cref="CheckpointException"/>.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class CheckpointFuzzTests : IDisposable
{
    // A header lists what the file holds: reading it takes a small multiple of the file, never what a number in it promises.
    private const long AllocationFactor = 200;
    private const long AllocationRoom = 4 << 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-fuzz-").FullName;

    [Fact]
    public void Open_MutatedSafetensors_ReadsOrRefusesWithinItsSize()
    {
        byte[] valid = File.ReadAllBytes(Goldens.Path("models", "dense-tied", "text.golden.safetensors"));
        string path = Path.Combine(_folder, "model.safetensors");
        FuzzRun.Repeat(random =>
        {
            byte[] file = MutateSafetensors(random, valid);
            File.WriteAllBytes(path, file);
            long before = GC.GetAllocatedBytesForCurrentThread();
            OrRefuse(() => ReadAll(path));
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(AllocationRoom + (AllocationFactor * file.Length));
        });
    }

    [Fact]
    public void Open_MutatedIndex_OpensOrRefuses()
    {
        string source = Goldens.Path("models", "dense-untied-wide");
        foreach (string shard in Directory.EnumerateFiles(source, "model-*.safetensors"))
        {
            File.Copy(shard, Path.Combine(_folder, Path.GetFileName(shard)));
        }

        byte[] valid = File.ReadAllBytes(Path.Combine(source, "model.safetensors.index.json"));
        string index = Path.Combine(_folder, "model.safetensors.index.json");
        FuzzRun.Repeat(random =>
        {
            File.WriteAllBytes(index, Mutations.Json(random, valid));
            OrRefuse(() => CheckpointIndex.Open(_folder).Dispose());
        });
    }

    [Theory]
    [InlineData("dense-tied")]
    [InlineData("moe")]
    public void Load_MutatedConfiguration_LoadsOrRefuses(string model)
    {
        string source = Goldens.Path("models", model);
        foreach (string file in Directory.EnumerateFiles(source, "model*"))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        byte[] valid = File.ReadAllBytes(Path.Combine(source, "config.json"));
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        FuzzRun.Repeat(random =>
        {
            File.WriteAllBytes(Path.Combine(_folder, "config.json"), Mutations.Json(random, valid));
            OrRefuse(() => Qwen3VLModel.Load(_folder, ModelConfig.Load(_folder), backend, default).Dispose());
            backend.Statistics.ShouldBe(default);
        });
    }

    [Theory]
    [InlineData("generation_config.json")]
    [InlineData("preprocessor_config.json")]
    [InlineData("video_preprocessor_config.json")]
    [InlineData("tokenizer_config.json")]
    public void Load_MutatedSideFile_LoadsOrRefuses(string name)
    {
        foreach (string file in Directory.EnumerateFiles(RepositoryPaths.TinyModel, "*config.json"))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }

        byte[] valid = File.ReadAllBytes(Path.Combine(_folder, name));
        FuzzRun.Repeat(random =>
        {
            File.WriteAllBytes(Path.Combine(_folder, name), Mutations.Json(random, valid));
            OrRefuse(() => _ = GenerationConfig.Load(_folder));
            OrRefuse(() => _ = ProcessorConfig.Load(_folder));
            OrRefuse(() => _ = ChatTemplate.Detect(_folder));
        });
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] MutateSafetensors(Random random, byte[] valid)
    {
        int headerBytes = (int)BinaryPrimitives.ReadInt64LittleEndian(valid);
        if (random.Next(4) == 0)
        {
            // The length itself, or anything.
            byte[] any = [.. valid];
            long[] lengths = [0, 1, headerBytes - 1, headerBytes + 1, valid.Length, long.MaxValue, long.MinValue, -1, 1L << 40, random.NextInt64()];
            BinaryPrimitives.WriteInt64LittleEndian(any, lengths[random.Next(lengths.Length)]);
            return random.Next(2) == 0 ? any : Mutations.Bytes(random, valid);
        }

        // A header that is wrong inside, with the length that is right for it.
        byte[] header = Mutations.Json(random, valid[sizeof(long)..(sizeof(long) + headerBytes)]);
        byte[] length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. valid[(sizeof(long) + headerBytes)..]];
    }

    private static void ReadAll(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (SafetensorsEntry entry in file.Entries.Values)
        {
            byte[] bytes = file.ReadBytes(entry);
            bytes.Length.ShouldBeLessThanOrEqualTo((int)new FileInfo(path).Length);
            OrRefuse(() => file.ReadFloats(entry, 0, new float[entry.Length]));
        }
    }

    private static void OrRefuse(Action read)
    {
        try
        {
            read();
        }
        catch (CheckpointException exception)
        {
            exception.Message.ShouldNotBeEmpty();
        }
    }
}
