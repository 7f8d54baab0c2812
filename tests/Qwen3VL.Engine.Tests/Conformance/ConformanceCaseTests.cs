using Qwen3VL.Conformance;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Conformance;

/// <summary>What a case of a checkpoint must have, may leave out, and may be called.</summary>
public sealed class ConformanceCaseTests
{
    private const string Text = $"{GoldenCopy.Model}/text.golden";
    private const string Image = $"{GoldenCopy.Model}/image.golden";
    private const string Lora = "lora/adapter/golden.safetensors";

    [Theory]
    [InlineData("logits_last")]
    [InlineData("top3_ids")]
    [InlineData("top3_logprobs")]
    [InlineData("prompt_logprobs")]
    [InlineData("greedy_logprobs")]
    [InlineData("position_ids")]
    [InlineData("none")]
    public void Run_OneTensorAndThePrompt_Passes(string tensor)
    {
        using var copy = new GoldenCopy();
        copy.RenameTensors($"{Text}.safetensors", name => name == tensor ? [name] : []);
        copy.EditJson($"{Text}.json", node =>
        {
            foreach (string key in (string[])["image_grid_thw", "video_grid_thw", "rope_delta"])
            {
                node.AsObject().Remove(key).ShouldBeTrue();
            }
        });

        ShouldPass(copy, 1, "models");
    }

    [Fact]
    public void Run_LogitsWithoutGreedyIds_Passes()
    {
        using var copy = new GoldenCopy();
        copy.RenameTensors($"{Text}.safetensors", name => name == "greedy_logprobs" ? [] : [name]);
        copy.EditJson($"{Text}.json", node => node.AsObject().Remove("greedy").ShouldBeTrue());

        ShouldPass(copy, 1, "models");
    }

    [Fact]
    public void Run_PictureWithoutEncoderOutputsAndPositions_Passes()
    {
        using GoldenCopy copy = WithImage();
        copy.RenameTensors($"{Image}.safetensors", name => name is "image_embeds" or "image_deepstack_0" or "position_ids" ? [] : [name]);
        copy.EditJson($"{Image}.json", node => node.AsObject().Remove("video_grid_thw").ShouldBeTrue());

        ShouldPass(copy, 2, "models");
    }

    [Fact]
    public void Run_DeepStackTapTooMany_Fails()
    {
        using GoldenCopy copy = WithImage();
        copy.RenameTensors($"{Image}.safetensors", name => name == "image_deepstack_1" ? [name, "image_deepstack_2"] : [name]);

        ShouldFail(copy, "models", "image: image_deepstack_2 was not compared");
    }

    [Fact]
    public void Run_CaseWithPointsInItsName_IsRunUnderIt()
    {
        using GoldenCopy copy = WithLora("v1.5.text");

        ShouldPass(copy, 1, "models").ShouldContain($"ok   {GoldenCopy.Model}/v1.5.text ");
        ShouldPass(copy, 1, "lora").ShouldContain("ok   lora/adapter/v1.5.text ");
    }

    [Theory]
    [InlineData(".logits_last")]
    [InlineData(".top1")]
    public void Run_LoraCaseOfOneTensor_Passes(string suffix)
    {
        using GoldenCopy copy = WithLora("one");
        copy.RenameTensors(Lora, name => name.EndsWith(suffix, StringComparison.Ordinal) ? [name] : []);

        ShouldPass(copy, 1, "lora");
    }

    [Fact]
    public void Run_LoraTensorOfAnotherKind_Fails()
    {
        using GoldenCopy copy = WithLora("one");
        copy.RenameTensors(Lora, name => name == "one.top1" ? [name, "one.top5"] : [name]);

        ShouldFail(copy, "lora", "one.top5 was not compared");
    }

    [Fact]
    public void Run_TinyTokenizerOption_IsTheOneOfTheModelsPrompts()
    {
        using var copy = new GoldenCopy();
        copy.Copy("tiny/cases.json", "tiny/cases.json");
        copy.EditJson("tiny/cases.json", node =>
        {
            while (node.AsArray().FirstOrDefault(one => one?["input"] is not null) is { } media)
            {
                node.AsArray().Remove(media).ShouldBeTrue();
            }
        });
        string words = copy.Path("words.json");
        File.Copy(Path.Combine(RepositoryPaths.TinyModel, "tokenizer.json"), words);
        Run([copy.Folder, "--only", "tiny", "--tiny-tokenizer", words]).ExitCode.ShouldBe(ExitCodes.Passed);

        File.WriteAllText(words, "{}");
        (int exitCode, string output) = Run([copy.Folder, "--only", "tiny", "--tiny-tokenizer", words]);

        exitCode.ShouldBe(ExitCodes.Failed, output);
        output.ShouldContain("tokenizer.json must have the keys");
    }

    private static GoldenCopy WithImage()
    {
        var copy = new GoldenCopy();
        copy.Copy("models/dense-tied/image.golden.json", $"{Image}.json");
        copy.Copy("models/dense-tied/image.golden.safetensors", $"{Image}.safetensors");
        return copy;
    }

    private static GoldenCopy WithLora(string name)
    {
        var copy = new GoldenCopy();
        foreach (string half in (string[])["json", "safetensors"])
        {
            File.Move(copy.Path($"{Text}.{half}"), copy.Path($"{GoldenCopy.Model}/{name}.golden.{half}"));
        }

        foreach (string file in (string[])["adapter_config.json", "adapter_model.safetensors", "golden.safetensors"])
        {
            copy.Copy($"lora/text/{file}", $"lora/adapter/{file}");
        }

        copy.EditJson("lora/adapter/adapter_config.json", node => node["base_model_name_or_path"] = Path.GetFileName(GoldenCopy.Model));
        copy.RenameTensors(Lora, tensor => tensor.StartsWith("text.", StringComparison.Ordinal) ? [name + tensor["text".Length..]] : []);
        return copy;
    }

    private static string ShouldPass(GoldenCopy copy, int cases, string only)
    {
        (int exitCode, string output) = Run([copy.Folder, "--only", only, "--verbose", "--threads", "1"]);
        exitCode.ShouldBe(ExitCodes.Passed, output);
        output.TrimEnd().ShouldEndWith($"{cases} cases, {cases} passed, 0 failed");
        return output;
    }

    private static void ShouldFail(GoldenCopy copy, string only, string mismatch)
    {
        (int exitCode, string output) = Run([copy.Folder, "--only", only, "--threads", "1"]);
        exitCode.ShouldBe(ExitCodes.Failed, output);
        output.ShouldContain(mismatch);
        output.TrimEnd().ShouldEndWith(" 1 failed");
    }

    private static (int ExitCode, string Output) Run(string[] arguments)
    {
        var output = new StringWriter();
        int exitCode = ConformanceProgram.Run(arguments, output, TextWriter.Null, showProgress: false);
        return (exitCode, output.ToString());
    }
}
