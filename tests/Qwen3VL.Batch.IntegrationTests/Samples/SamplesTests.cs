using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Samples.Score;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Qwen3VL.Batch.IntegrationTests.Samples;

/// <summary>The committed samples are read right by the bundled model, with the defaults that the quickstart uses.</summary>
public sealed class SamplesTests(ITestOutputHelper output)
{
    private static readonly string Folder = Path.Combine(RepositoryPaths.Root, "ops", "samples");

    [Fact]
    public async Task CommittedSamples_ThroughDecoderPlannerAndEngine_AreReadAsTheyWereDrawn()
    {
        using JsonDocument truthFile = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Folder, "truth.json")));
        string model = Path.Combine(RepositoryPaths.Root, "engine", "models", "qwen3vl-tiny");
        await using var engine = LlmEngine.Load(
            new EngineOptions { ModelFolder = model, KvMemoryMiB = 128 },
            new CpuBackend(new CpuBackendOptions()),
            TimeProvider.System,
            null,
            CancellationToken.None);
        var job = new InProcessJob(engine, Folder);
        var bad = new List<ScoreLine>();
        foreach (string line in await File.ReadAllLinesAsync(Path.Combine(Folder, "manifest.jsonl")))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            string uri = entry.RootElement.GetProperty("source").GetProperty("uri").GetString().ShouldNotBeNull();
            JobTask[] tasks = entry.RootElement.GetProperty("tasks").Deserialize<JobTask[]>(ContractJson.Options).ShouldNotBeNull();

            byte[] results = await job.RunAsync(uri.EndsWith(".mp4", StringComparison.Ordinal) ? JobKind.Video : JobKind.Document, uri, tasks);

            SampleTruth truth = truthFile.RootElement.GetProperty(uri).Deserialize<SampleTruth>(JsonSerializerOptions.Web).ShouldNotBeNull();
            foreach (ScoreLine scored in SampleScorer.Score(uri, truth, JobReading.ParseAll(results).ShouldHaveSingleItem()))
            {
                output.WriteLine($"{scored.Verdict,-6}{scored.Sample,-12} {scored.What}");
                bad.AddRange(scored.Verdict == false ? [scored] : []);
            }
        }

        bad.ShouldBeEmpty();
    }
}
