using System.Text.Json;
using System.Text.Json.Nodes;
using Qwen3VL.Conformance;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Conformance;

public sealed class ConformanceProgramTests
{
    private const string TextJson = $"{GoldenCopy.Model}/text.golden.json";
    private const string TextTensors = $"{GoldenCopy.Model}/text.golden.safetensors";

    public static TheoryData<string, string, string> Mutations => new()
    {
        { "a logit", $"{GoldenCopy.Model}/text", "logits_last[5]" },
        { "a logit that is not a number", $"{GoldenCopy.Model}/text", "logits_last[5]" },
        { "a log-probability", $"{GoldenCopy.Model}/text", "top3[0]" },
        { "a greedy id", $"{GoldenCopy.Model}/text", "greedy[3]" },
        { "rope delta", $"{GoldenCopy.Model}/text", "rope_delta" },
        { "no header", $"{GoldenCopy.Model}/text", "text.golden.json" },
        { "no tensors", $"{GoldenCopy.Model}/text", "text.golden.safetensors" },
        { "truncated tensors", $"{GoldenCopy.Model}/text", "text.golden.safetensors" },
        { "truncated weights", $"{GoldenCopy.Model}/text", "model.safetensors" },
        { "a layer too many", $"{GoldenCopy.Model}/text", "layer_9_last was not compared" },
        { "an unknown tensor", $"{GoldenCopy.Model}/text", "attention_0 was not compared" },
        { "neither logits nor greedy ids", $"{GoldenCopy.Model}/text", "logits_last or greedy" },
        { "an empty list", "tokenizer/tiny.json", "tiny.json must hold goldens" },
        { "a token id", "tokenizer/tiny.json[7]", "ids[0]" },
        { "a decoded text", "tokenizer/tiny.json[7]", "decoded text" },
        { "broken JSON", "tokenizer/tiny.json", "JsonException" },
        { "a pixel hash", "image/0.png", "sha256_u8" },
        { "a missing key", "image/pixels.json", "sha256_u8" },
        { "no picture", "image/0.png", "0.png" },
        { "no list of pictures", "image/pixels.json", "pixels.json" },
    };

    [Fact]
    public void Run_RepositoryGoldens_AllPass()
    {
        string[] released = ReferenceFiles.Find("tokenizer/tokenizer.json") is null ? ["--skip", "tokenizer/qwen"] : [];

        (int exitCode, string output, _) = Run([RepositoryPaths.Goldens, "--threads", "1", .. released]);

        exitCode.ShouldBe(ExitCodes.Passed, output);
        output.TrimEnd().ShouldEndWith(" 0 failed");
        foreach (string folder in (string[])["tokenizer", "chat", "image", "video", "processor", "sampling", "models/dense-tied", "tiny"])
        {
            output.Split('\n').ShouldContain(line => line.StartsWith(folder + " ", StringComparison.Ordinal), folder);
        }
    }

    [Fact]
    public void Run_SmallCopyUnderOtherNames_Passes()
    {
        using var copy = new GoldenCopy();
        string json = copy.Path("report.json");

        (int exitCode, string output, _) = Run([copy.Folder, "--verbose", "--json", json, "--threads", "1"]);

        exitCode.ShouldBe(ExitCodes.Passed, output);
        output.TrimEnd().ShouldEndWith("22 cases, 22 passed, 0 failed");
        using JsonDocument report = JsonDocument.Parse(File.ReadAllBytes(json));
        report.RootElement.GetProperty("passed").GetInt32().ShouldBe(22);
        report.RootElement.GetProperty("folders").GetArrayLength().ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Mutations))]
    public void Run_MutatedGolden_FailsAndNamesTheCase(string mutation, string failingCase, string what)
    {
        using var copy = new GoldenCopy();
        Mutate(copy, mutation);

        (int exitCode, string output, _) = Run([copy.Folder, "--verbose", "--threads", "1"]);

        exitCode.ShouldBe(ExitCodes.Failed, output);
        string[] lines = output.Split('\n');
        int failed = Array.FindIndex(lines, line => line.StartsWith($"  FAIL {failingCase} ", StringComparison.Ordinal));
        failed.ShouldBeGreaterThanOrEqualTo(0, output);
        lines[failed + 1].ShouldContain(what);
        output.TrimEnd().ShouldEndWith(" 1 failed");
    }

    [Fact]
    public void Run_TokenizerThatIsNotThere_FailsWithTheOption()
    {
        using var copy = new GoldenCopy();
        File.Move(copy.Path("tokenizer/tiny.json"), copy.Path("tokenizer/qwen.json"));

        (int exitCode, string output, _) = Run([copy.Folder, "--qwen-tokenizer", copy.Path("none"), "--threads", "1"]);

        exitCode.ShouldBe(ExitCodes.Failed);
        output.ShouldContain("--qwen-tokenizer must name a tokenizer.json");
    }

    [Fact]
    public void Run_TokenizerFileOfAnotherName_IsRead()
    {
        using var copy = new GoldenCopy();
        File.Copy(Path.Combine(RepositoryPaths.TinyModel, "tokenizer.json"), copy.Path("words.json"));

        (int exitCode, string output, _) = Run([copy.Folder, "--only", "tokenizer", "--tiny-tokenizer", copy.Path("words.json")]);

        exitCode.ShouldBe(ExitCodes.Passed, output);
        output.TrimEnd().ShouldEndWith("20 cases, 20 passed, 0 failed");
    }

    [Fact]
    public void Run_FolderWithoutGoldens_IsAWrongCommandLine()
    {
        using var copy = new GoldenCopy();
        string empty = Directory.CreateDirectory(copy.Path("empty")).FullName;

        Run([empty]).ExitCode.ShouldBe(ExitCodes.Usage);
        Run([copy.Path("none")]).ExitCode.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public void Run_FoldersItDoesNotKnow_AreNamed()
    {
        using var copy = new GoldenCopy();
        Directory.CreateDirectory(copy.Path("audio"));
        File.WriteAllText(copy.Path("image/other.json"), "[]");

        (int exitCode, string output, _) = Run([copy.Folder, "--skip", "models"]);

        exitCode.ShouldBe(ExitCodes.Passed);
        output.ShouldContain("note: audio was not run");
        output.ShouldContain("note: image: no goldens are read from other.json");
        output.ShouldContain($"note: {GoldenCopy.Model} was left out by --skip");
    }

    [Theory]
    [InlineData]
    [InlineData("a", "b")]
    [InlineData(".", "--unknown")]
    [InlineData(".", "--threads", "0")]
    [InlineData(".", "--json")]
    [InlineData(".", "--json", "a", "--json", "b")]
    [InlineData(".", "--only", "nothing")]
    [InlineData(".", "--reference", "./none")]
    public void Run_WrongCommandLine_SaysSo(params string[] arguments)
    {
        (int exitCode, _, string errors) = Run(arguments);

        exitCode.ShouldBe(ExitCodes.Usage);
        errors.ShouldContain("See: conform --help");
    }

    [Fact]
    public void Run_JsonFileThatCannotBeWritten_IsFoundBeforeTheRun()
    {
        using var copy = new GoldenCopy();

        (int exitCode, string output, string errors) = Run([copy.Folder, "--json", copy.Path("none/report.json")]);

        exitCode.ShouldBe(ExitCodes.Usage);
        output.ShouldBeEmpty();
        errors.ShouldContain("--json must name a file that can be written");
    }

    [Fact]
    public void Run_SkipOfTheStartOfAFileName_LeavesOutEveryFileOfIt()
    {
        using var copy = new GoldenCopy();
        File.WriteAllText(copy.Path("tokenizer/qwen.json"), "");
        File.WriteAllText(copy.Path("tokenizer/qwen-more.json"), "");

        (int exitCode, string output, _) = Run([copy.Folder, "--skip", "tokenizer/qwen", "--skip", "models"]);

        exitCode.ShouldBe(ExitCodes.Passed, output);
        output.ShouldContain("note: tokenizer: qwen.json was left out by --skip");
        output.ShouldContain("note: tokenizer: qwen-more.json was left out by --skip");
        output.TrimEnd().ShouldEndWith("21 cases, 21 passed, 0 failed");
    }

    [Fact]
    public void Run_Help_ListsEveryOption()
    {
        (int exitCode, string output, _) = Run(["--help"]);

        exitCode.ShouldBe(ExitCodes.Passed);
        foreach (string option in (string[])["--tiny-tokenizer", "--qwen-tokenizer", "--reference", "--tiny-model", "--only", "--skip", "--threads", "--verbose", "--json"])
        {
            output.ShouldContain(option);
        }
    }

    private static (int ExitCode, string Output, string Errors) Run(string[] arguments)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        int exitCode = ConformanceProgram.Run(arguments, output, errors, showProgress: false);
        return (exitCode, output.ToString(), errors.ToString());
    }

    private static void Mutate(GoldenCopy copy, string mutation)
    {
        switch (mutation)
        {
            case "a logit": copy.AddToFloat(TextTensors, "logits_last", 5, 1e-2f); break;
            case "a logit that is not a number": copy.AddToFloat(TextTensors, "logits_last", 5, float.NaN); break;
            case "a log-probability": copy.AddToFloat(TextTensors, "top3_logprobs", 0, 1e-2f); break;
            case "a greedy id": copy.EditJson(TextJson, node => Change(node["greedy"], 3)); break;
            case "rope delta": copy.EditJson(TextJson, node => node["rope_delta"] = 1); break;
            case "no header": File.Delete(copy.Path(TextJson)); break;
            case "no tensors": File.Delete(copy.Path(TextTensors)); break;
            case "truncated tensors": copy.Truncate(TextTensors, 0.9); break;
            case "truncated weights": copy.Truncate($"{GoldenCopy.Model}/model.safetensors", 0.9); break;
            case "a layer too many": copy.RenameTensors(TextTensors, name => name == "layer_0_last" ? [name, "layer_9_last"] : [name]); break;
            case "an unknown tensor": copy.RenameTensors(TextTensors, name => name == "layer_0_last" ? [name, "attention_0"] : [name]); break;
            case "neither logits nor greedy ids":
                copy.EditJson(TextJson, node => node.AsObject().Remove("greedy"));
                copy.RenameTensors(TextTensors, name => name is "logits_last" or "greedy_logprobs" ? [] : [name]);
                break;
            case "an empty list": File.WriteAllText(copy.Path("tokenizer/tiny.json"), "[]"); break;
            case "a token id": copy.EditJson("tokenizer/tiny.json", node => Change(node[7]?["ids"], 0)); break;
            case "a decoded text": copy.EditJson("tokenizer/tiny.json", node => node.AsArray()[7]?.AsObject().Add("decoded", "other")); break;
            case "broken JSON": copy.Truncate("tokenizer/tiny.json", 0.5); break;
            case "a pixel hash": copy.EditJson("image/pixels.json", node => node.AsArray()[0]?.AsObject()["sha256_u8"]?.ReplaceWith(new string('0', 64))); break;
            case "a missing key": copy.EditJson("image/pixels.json", node => node.AsArray()[0]?.AsObject().Remove("sha256_u8")); break;
            case "no picture": File.Delete(copy.Path("image/0.png")); break;
            case "no list of pictures": File.Delete(copy.Path("image/pixels.json")); break;
            default: throw new ArgumentOutOfRangeException(nameof(mutation), mutation, "must be a known mutation");
        }
    }

    private static void Change(JsonNode? list, int index)
    {
        JsonArray values = list?.AsArray() ?? throw new InvalidDataException("a list must be there");
        values[index] = (values[index]?.GetValue<int>() ?? 0) + 1;
    }
}
