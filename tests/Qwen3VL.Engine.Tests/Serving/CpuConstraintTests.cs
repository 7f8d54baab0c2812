using System.Text.Json;
using Qwen3VL.Engine.Contract.Serving;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Tests.Constraints;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Engine.Tests.Serving;

/// <summary>The bundled model under constraints of the product's own shapes: whatever it would have written, the answer has the shape.</summary>
public sealed class CpuConstraintTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Box = """{"type":"array","items":{"type":"integer","minimum":0,"maximum":1000},"minItems":4,"maxItems":4}""";
    private const string Spotting = $$$"""
        {"type":"array","items":{"type":"object","properties":{"bbox_2d":{{{Box}}},"text_content":{"type":"string"}},
         "required":["bbox_2d","text_content"],"additionalProperties":false},"maxItems":20}
        """;

    private const string Grounding = $$$"""
        {"type":"array","items":{"type":"object","properties":{"bbox_2d":{{{Box}}},"label":{"enum":["pink circle","red square","black circle"]}},
         "required":["bbox_2d","label"],"additionalProperties":false},"maxItems":20}
        """;

    private const string Events = """
        {"type":"array","items":{"$ref":"#/$defs/event"},"maxItems":10,"$defs":{"event":{"type":"object",
         "properties":{"start":{"type":"number","minimum":0},"end":{"type":"number","minimum":0},"description":{"type":"string","minLength":1,"maxLength":80}},
         "required":["start","end","description"],"additionalProperties":false}}}
        """;

    private readonly LlmEngine _engine = LlmEngine.Load(
        new EngineOptions { ModelFolder = RepositoryPaths.TinyModel, KvMemoryMiB = 64, MaxSequences = 6 },
        new CpuBackend(new CpuBackendOptions { Threads = 2 }),
        TimeProvider.System);

    [Fact]
    public async Task Generate_ProductShapes_ParsesValidatesAndHasNoFence()
    {
        (GenerationRequest Request, string Schema)[] asked =
        [
            (TinyRequests.Image("spot0.png", "Spotting all the text in the image with line-level, and output in JSON format as [{'bbox_2d': [x1, y1, x2, y2], 'text_content': 'text'}, ...]."), Spotting),
            (TinyRequests.Image("ground0.png", "Locate every instance that belongs to the following categories: \"pink circle, red square, black circle\". Report bbox coordinates in JSON format."), Grounding),
            (TinyRequests.Ask("Localize a series of activity events in the video, output the start and end timestamp for each event in seconds, and describe each event with sentences. Provide the result in JSON format as [{'start': 1.0, 'end': 2.0, 'description': 'text'}, ...].", new VideoPart(TinyRequests.ClipOf("events0", 2))), Events),

            // A question that the model answers with words.
            (TinyRequests.Caption, Grounding),
        ];
        List<IGeneration> generations = [];
        foreach ((GenerationRequest request, string schema) in asked)
        {
            generations.Add(await _engine.SubmitAsync(request with { MaxOutputTokens = 500, Constraint = new JsonSchemaConstraint(schema) }, default));
        }

        for (int i = 0; i < asked.Length; i++)
        {
            GenerationResult result = await generations[i].Completion;
            output.WriteLine(result.Text);
            result.FinishReason.ShouldBe(FinishReason.Stop);
            ShouldValidate(result.Text, asked[i].Schema);
        }
    }

    [Fact]
    public async Task Generate_HotSampler_StillHasTheShape()
    {
        IGeneration[] generations = await Task.WhenAll(Enumerable.Range(1, 6).Select(seed => _engine.SubmitAsync(
            TinyRequests.Line with
            {
                MaxOutputTokens = 400,
                Sampling = new SamplingParameters { Temperature = 3, Seed = (ulong)seed },
                Constraint = new JsonSchemaConstraint(Events),
            },
            default).AsTask()));
        int numFinished = 0;
        foreach (IGeneration generation in generations)
        {
            GenerationResult result = await generation.Completion;
            if (result.FinishReason == FinishReason.Stop)
            {
                numFinished++;
                ShouldValidate(result.Text, Events);
            }
        }

        numFinished.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Submit_ConstraintThatCannotWork_IsRefusedAndTheEngineGoesOn()
    {
        GenerationRequest request = TinyRequests.Line with { Constraint = new JsonSchemaConstraint("""{"type":"null"}""") };
        (GenerationRequest Request, string Words)[] wrong =
        [
            (request with { Constraint = new JsonSchemaConstraint("""{"not":{}}""") }, "json_schema at # must use supported keywords only; got not"),
            (request with { StopStrings = ["x"] }, "must stand without stop strings"),
            (request with { Sampling = new SamplingParameters { BannedTokenIds = [1] } }, "must stand without stop strings, banned and allowed token ids; got 0, 1 and 0"),
            (request with { OutputLogProbabilities = 21 }, "logprobs must be in 0..20; got 21"),
            (request with { PromptLogProbabilities = -1 }, "prompt_logprobs must be in 0..20; got -1"),
        ];
        foreach ((GenerationRequest refused, string words) in wrong)
        {
            IGeneration generation = await _engine.SubmitAsync(refused, default);
            (await Should.ThrowAsync<InvalidRequestException>(generation.Completion)).Message.ShouldContain(words);
        }

        (await (await _engine.SubmitAsync(request, default)).Completion).Text.ShouldBe("null");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    private static void ShouldValidate(string text, string schema)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        using JsonDocument definition = JsonDocument.Parse(schema);
        new SchemaValidator(definition.RootElement).Validates(document.RootElement).ShouldBeTrue(text);
    }
}
