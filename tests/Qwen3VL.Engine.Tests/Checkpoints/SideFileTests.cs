using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>What must hold for every small file of a model folder, whoever wrote it.</summary>
public sealed class SideFileTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("adapter_config.json")]
    [InlineData("preprocessor_config.json")]
    [InlineData("video_preprocessor_config.json")]
    [InlineData("chat_template.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("model.safetensors.index.json")]
    public void Load_HalfOfASurrogatePair_ThrowsNamingTheFile(string name)
    {
        foreach (string text in (string[])["""{"\ud800":1}""", """{"a":{"b\udfff":1}}""", """{"a":["\udc00"]}"""])
        {
            _folder.Write(name, text);
            Should.Throw<CheckpointException>(() => Load(name)).Message.ShouldContain(name);
        }
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("generation_config.json")]
    [InlineData("adapter_config.json")]
    [InlineData("preprocessor_config.json")]
    [InlineData("video_preprocessor_config.json")]
    [InlineData("chat_template.json")]
    [InlineData("chat_template.jinja")]
    [InlineData("tokenizer_config.json")]
    public void Load_FileTooLong_ThrowsNamingTheFileAndTheLimit(string name)
    {
        using (FileStream stream = File.Create(_folder.File(name)))
        {
            stream.SetLength((4L << 20) + 1);
        }

        Should.Throw<CheckpointException>(() => Load(name)).Message.ShouldEndWith($"{name} must have at most 4194304 bytes; got 4194305");
    }

    [Theory]
    [InlineData("generation_config.json", """{"eos_token_id":1,"temperature":VALUE}""")]
    [InlineData("adapter_config.json", """{"r":1,"lora_alpha":1,"peft_type":VALUE}""")]
    [InlineData("adapter_config.json", """{"r":1,"lora_alpha":1,"rank_pattern":{VALUE:"x"}}""")]
    [InlineData("preprocessor_config.json", """{"patch_size":VALUE}""")]
    public void Load_HostileText_IsShownHarmlessly(string name, string json)
    {
        _folder.Write(name, json.Replace("VALUE", $"\"\\n\\u001b[2J{new string('x', 900)}\"", StringComparison.Ordinal));
        string message = Should.Throw<CheckpointException>(() => Load(name)).Message;
        message.ShouldAllBe(character => character >= ' ');
        message.Length.ShouldBeLessThan(500);
    }

    private void Load(string name)
    {
        switch (name)
        {
            case "config.json":
                ModelConfig.Load(_folder.Path);
                break;
            case "generation_config.json":
                GenerationConfig.Load(_folder.Path);
                break;
            case "adapter_config.json":
                LoraConfig.Read(_folder.Path);
                break;
            case "preprocessor_config.json":
                ProcessorConfig.Load(_folder.Path);
                break;
            case "video_preprocessor_config.json":
                File.Copy(Path.Combine(RepositoryPaths.TinyModel, "preprocessor_config.json"), _folder.File("preprocessor_config.json"), overwrite: true);
                ProcessorConfig.Load(_folder.Path);
                break;
            case "tokenizer.json":
                BpeTokenizer.Load(_folder.Path);
                break;
            case "model.safetensors.index.json":
                CheckpointIndex.ListFiles(_folder.Path);
                break;
            default:
                ChatTemplate.Detect(_folder.Path);
                break;
        }
    }
}
