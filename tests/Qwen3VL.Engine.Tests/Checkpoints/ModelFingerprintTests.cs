using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class ModelFingerprintTests : IDisposable
{
    private readonly ModelFolder _folder = new();
    private readonly ModelFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void Compute_EqualFolders_AreEqualAndAnyChangeShows()
    {
        Fill(_folder, weight: 1);
        Fill(_other, weight: 1);
        string fingerprint = Compute(_folder);
        fingerprint.Length.ShouldBe(64);
        Compute(_other).ShouldBe(fingerprint);
        Fill(_other, weight: 2);
        Compute(_other).ShouldNotBe(fingerprint);
    }

    [Theory]
    [InlineData("generation_config.json")]
    [InlineData("preprocessor_config.json")]
    [InlineData("video_preprocessor_config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("vocab.json")]
    [InlineData("merges.txt")]
    [InlineData("chat_template.jinja")]
    [InlineData("chat_template.json")]
    public void Compute_SideFileAdded_Shows(string file)
    {
        Fill(_folder, weight: 1);
        string fingerprint = Compute(_folder);
        _folder.Write(file, "{}");
        Compute(_folder).ShouldNotBe(fingerprint);
    }

    [Fact]
    public void Compute_WithAdapter_DependsOnBothOfItsFiles()
    {
        Fill(_folder, weight: 1);
        _other.Write("adapter_config.json", "{}");
        _other.Write("adapter_model.safetensors", "a");
        string first = ModelFingerprint.Compute(_folder.Path, _other.Path, CancellationToken.None);
        first.ShouldNotBe(Compute(_folder));
        _other.Write("adapter_model.safetensors", "b");
        string second = ModelFingerprint.Compute(_folder.Path, _other.Path, CancellationToken.None);
        _other.Write("adapter_config.json", "[]");
        string third = ModelFingerprint.Compute(_folder.Path, _other.Path, CancellationToken.None);
        new[] { first, second, third }.Distinct().Count().ShouldBe(3);
        System.IO.File.Delete(_other.File("adapter_config.json"));
        Should.Throw<CheckpointException>(() => ModelFingerprint.Compute(_folder.Path, _other.Path, CancellationToken.None));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16 << 20)]
    [InlineData(39 << 20)]
    public void Compute_AnyByteOfALargeFile_Shows(int changed)
    {
        Fill(_folder, weight: 1);
        byte[] bytes = new byte[(39 << 20) + 1];
        System.IO.File.WriteAllBytes(_folder.File("model.safetensors"), bytes);
        string fingerprint = Compute(_folder);
        Compute(_folder).ShouldBe(fingerprint);
        bytes[changed] = 1;
        System.IO.File.WriteAllBytes(_folder.File("model.safetensors"), bytes);
        Compute(_folder).ShouldNotBe(fingerprint);
    }

    [Fact]
    public void Compute_NoWeights_Throws()
    {
        _folder.WriteConfig(_ => { });
        Should.Throw<CheckpointException>(() => Compute(_folder));
    }

    [Fact]
    public void Compute_Cancelled_Stops()
    {
        Fill(_folder, weight: 1);
        Should.Throw<OperationCanceledException>(() => ModelFingerprint.Compute(_folder.Path, null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void WithStorage_RoundedWeights_AreAnotherModelAndExactOnesAreNot()
    {
        string fingerprint = new('a', 64);
        ModelFingerprint.WithStorage(fingerprint, WeightStorage.Stored).ShouldBe(fingerprint);
        ModelFingerprint.WithStorage(fingerprint, WeightStorage.F32).ShouldBe(fingerprint);
        string rounded = ModelFingerprint.WithStorage(fingerprint, WeightStorage.BF16);
        rounded.ShouldNotBe(fingerprint);
        rounded.Length.ShouldBe(64);
    }

    [Fact]
    public void WithPruning_ARate_IsAnotherModelForEachRate()
    {
        string fingerprint = new('a', 64);
        ModelFingerprint.WithPruning(fingerprint, 0).ShouldBe(fingerprint);
        string[] all = [fingerprint, ModelFingerprint.WithPruning(fingerprint, 0.3), ModelFingerprint.WithPruning(fingerprint, 0.30000000000000004)];
        all.ShouldBeUnique();
        all.ShouldAllBe(value => value.Length == 64);
    }

    private static string Compute(ModelFolder folder) => ModelFingerprint.Compute(folder.Path, null, CancellationToken.None);

    private static void Fill(ModelFolder folder, byte weight)
    {
        folder.WriteConfig(_ => { });
        folder.WriteTensors(CheckpointIndex.SingleFileName, """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", [weight]);
    }
}
