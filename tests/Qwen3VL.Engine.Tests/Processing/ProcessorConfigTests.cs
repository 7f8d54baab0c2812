using System.Text.Json.Nodes;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class ProcessorConfigTests : IDisposable
{
    private const string ImageFile = "preprocessor_config.json";
    private const string VideoFile = "video_preprocessor_config.json";
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-processor-").FullName;

    public ProcessorConfigTests()
    {
        File.Copy(Path.Combine(RepositoryPaths.TinyModel, ImageFile), Path.Combine(_folder, ImageFile));
        File.Copy(Path.Combine(RepositoryPaths.TinyModel, VideoFile), Path.Combine(_folder, VideoFile));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_TinyModel_ReadsAreasAndSampling()
    {
        ProcessorConfig config = ProcessorConfig.Load(_folder);

        config.Image.ShouldBe(new ImageBounds(4096, 163840, 32));
        config.Video.ShouldBe(new VideoBounds(4096, 368640, 32, 2, 4, 24));
    }

    [Fact]
    public void Load_FileWithoutSampling_TakesTheClassDefaults()
    {
        Edit(VideoFile, file => file.Remove("fps"), file => file.Remove("min_frames"), file => file.Remove("max_frames"));

        ProcessorConfig.Load(_folder).Video.ShouldBe(new VideoBounds(4096, 368640, 32, 2, 4, 768));
    }

    [Fact]
    public void Load_PixelAliases_OverrideSize()
    {
        Edit(ImageFile, file => file["min_pixels"] = 2048, file => file["max_pixels"] = 8192, file => file.Remove("size"));

        ProcessorConfig.Load(_folder).Image.ShouldBe(new ImageBounds(2048, 8192, 32));
    }

    [Theory]
    [InlineData(ImageFile, "patch_size", "14")]
    [InlineData(ImageFile, "patch_size", null)]
    [InlineData(ImageFile, "merge_size", "\"two\"")]
    [InlineData(ImageFile, "image_mean", "[0.48, 0.45, 0.40]")]
    [InlineData(ImageFile, "image_std", "0.5")]
    [InlineData(VideoFile, "temporal_patch_size", "1")]
    [InlineData(VideoFile, "fps", "0")]
    [InlineData(VideoFile, "fps", "\"2\"")]
    [InlineData(VideoFile, "min_frames", "25")]
    [InlineData(VideoFile, "max_frames", "2.5")]
    public void Load_WrongOrMissingKey_NamesFileAndKey(string file, string key, string? json)
    {
        Edit(file, content => content[key] = json is null ? null : JsonNode.Parse(json));

        CheckpointException exception = Should.Throw<CheckpointException>(() => ProcessorConfig.Load(_folder));

        exception.Message.ShouldContain(file);
        exception.Message.ShouldContain(key);
    }

    [Theory]
    [InlineData("""{"shortest_edge": 4096}""", "size.longest_edge")]
    [InlineData("""{"longest_edge": 4096}""", "size.shortest_edge")]
    [InlineData("""{"shortest_edge": 8192, "longest_edge": 4096}""", "size")]
    [InlineData("""{"shortest_edge": 0, "longest_edge": 4096}""", "size")]
    [InlineData("""{"shortest_edge": 1, "longest_edge": 4294967296}""", "size.longest_edge")]
    public void Load_WrongSize_NamesTheKey(string size, string key)
    {
        Edit(ImageFile, file => file["size"] = JsonNode.Parse(size));

        Should.Throw<CheckpointException>(() => ProcessorConfig.Load(_folder)).Message.ShouldContain(key);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"size\": ")]
    public void Load_NotAnObject_NamesTheFile(string content)
    {
        File.WriteAllText(Path.Combine(_folder, VideoFile), content);

        Should.Throw<CheckpointException>(() => ProcessorConfig.Load(_folder)).Message.ShouldContain(VideoFile);
    }

    [Fact]
    public void Load_MissingFile_NamesTheFile()
    {
        File.Delete(Path.Combine(_folder, VideoFile));

        Should.Throw<CheckpointException>(() => ProcessorConfig.Load(_folder)).Message.ShouldContain(VideoFile);
    }

    private void Edit(string name, params ReadOnlySpan<Action<JsonObject>> edits)
    {
        string path = Path.Combine(_folder, name);
        JsonObject content = JsonNode.Parse(File.ReadAllText(path))!.AsObject(); // The file is a JSON object: the tiny model's own.
        foreach (Action<JsonObject> edit in edits)
        {
            edit(content);
        }

        File.WriteAllText(path, content.ToJsonString());
    }
}
