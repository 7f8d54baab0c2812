using System.Text.Json.Nodes;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Documents;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

[Collection(EndToEndServers.Collection)]
public sealed class JobTests(EndToEndServers servers)
{
    private const int LongJob = UndisturbedRun.Pages;

    [Fact]
    public async Task Submit_DocumentPicturesAndVideo_StoresWhatTheySay()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        string samples = Path.Combine(RepositoryPaths.Root, "ops", "samples");
        foreach (string sample in (string[])["report.pdf", "scene.png", "shapes.png", "clip.mp4"])
        {
            File.Copy(Path.Combine(samples, sample), Path.Combine(scenario.Folder, sample));
        }

        JsonNode truth = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(samples, "truth.json"))).ShouldNotBeNull();

        // In the manifest's order: the small model is not sure of every other.
        string[] labels = [.. File.ReadLines(Path.Combine(samples, "manifest.jsonl"))
            .Select(line => JsonNode.Parse(line)!["tasks"]![0]!["labels"]).OfType<JsonArray>().Single().Select(label => (string)label!)]; // one line of the manifest has labels
        scenario.StartWorker();
        await scenario.SendAsync(
            Scenario.Read("report", "report.pdf") with { Options = new JobOptions { FirstPage = 2, LastPage = 3 } },
            Scenario.Read("scene", "scene.png") with { Tasks = [new JobTask { Kind = JobTaskKind.Caption }] },
            Scenario.Read("shapes", "shapes.png") with { Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = labels }] },
            Scenario.Read("clip", "clip.mp4") with { Kind = JobKind.Video, Tasks = [new JobTask { Kind = JobTaskKind.Events }, new JobTask { Kind = JobTaskKind.Summary }] });

        var jobs = new Dictionary<string, Guid>();
        foreach (string key in (string[])["report", "scene", "shapes", "clip"])
        {
            jobs[key] = await scenario.JobAsync(key);
            (await scenario.FinalStateAsync(jobs[key])).ShouldBe("succeeded", key);
            (await scenario.FinalEventsAsync(jobs[key])).ShouldBe(["job.succeeded"], key);
        }

        (await scenario.RowsAsync<string>("SELECT page_no || ': ' || body FROM vq.pages WHERE job_id = @job ORDER BY page_no", new { job = jobs["report"] }))
            .ShouldBe([$"2: {truth["report.pdf"]!["pages"]![1]}", $"3: {truth["report.pdf"]!["pages"]![2]}"]); // written by the generator
        (await scenario.ValueAsync<string>("SELECT body FROM vq.captions WHERE job_id = @job", new { job = jobs["scene"] })).ShouldBe((string?)truth["scene.png"]!["caption"]);
        (await scenario.RowsAsync<string>("SELECT DISTINCT label FROM vq.boxes WHERE job_id = @job ORDER BY label", new { job = jobs["shapes"] })).ShouldBe(labels.Order());
        (await scenario.RowsAsync<string>("SELECT body FROM vq.segments WHERE job_id = @job AND kind = 'event' ORDER BY start_ms", new { job = jobs["clip"] }))
            .ShouldBe(truth["clip.mp4"]!["events"]!.AsArray().Select(item => (string)item!["text"]!));
        (await scenario.ValueAsync<string>("SELECT body FROM vq.job_outputs WHERE job_id = @job", new { job = jobs["clip"] })).ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Submit_TwentyTimes_IsOneJob()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        PrintedPdf.Write(Path.Combine(scenario.Folder, "a.pdf"), 2);
        SubmitJob command = Scenario.Read("same", "a.pdf") with { Options = new JobOptions { Dpi = PrintedPdf.Dpi } };
        scenario.StartWorker();

        await scenario.SendAsync([.. Enumerable.Repeat(command, 20)]);
        Guid job = await scenario.JobAsync("same");
        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        await scenario.SendAsync(command with { Priority = 9 });
        _ = await scenario.SeeAsync<long>("SELECT count(*) FROM vq.rejections WHERE code = 'idempotency_conflict'", null, rows => rows == 1, "the conflict");

        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.jobs")).ShouldBe(1);
        (await scenario.FinalEventsAsync(job)).ShouldBe(["job.succeeded"]);
        scenario.Events.Received.Where(message => message.RoutingKey == "job.accepted").DistinctBy(message => message.MessageId).Count().ShouldBe(1);
    }

    [Fact]
    public async Task Submit_InvalidCommand_IsRejectedWithEveryProblem()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        scenario.StartWorker();

        await scenario.SendAsync(Scenario.Read("bad", "a.pdf") with { Priority = 77, Tasks = [new JobTask { Kind = JobTaskKind.Events }] });

        string message = await scenario.SeeAsync<string>(
            "SELECT message FROM vq.rejections WHERE idem_key = 'bad' AND code = 'invalid_command'", null, text => text is not null, "the rejection");
        message.ShouldContain("priority must be 0..9; got 77");
        message.ShouldContain("got events for a document");
        await Eventually.TrueAsync(() => Task.FromResult(scenario.Events.Received.Any(sent => sent.RoutingKey == "job.rejected")), Scenario.Patience, "the event");
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.jobs")).ShouldBe(0);
    }

    [Theory]
    [InlineData("absent.pdf", ErrorCodes.SourceNotFound)]
    [InlineData("../outside.pdf", ErrorCodes.SourceRefused)]
    [InlineData("broken.pdf", ErrorCodes.DecodeFailed)]
    public async Task Submit_BadSource_FailsTheJobWithACode(string uri, string code)
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        await File.WriteAllTextAsync(Path.Combine(scenario.Folder, "broken.pdf"), "%PDF-1.4\nnothing of use\n");
        scenario.StartWorker();

        await scenario.SendAsync(Scenario.Read("bad", uri));
        Guid job = await scenario.JobAsync("bad");

        (await scenario.FinalStateAsync(job)).ShouldBe("failed");
        (await scenario.ValueAsync<string>("SELECT error_code FROM vq.jobs WHERE id = @job", new { job })).ShouldBe(code);
        (await scenario.FinalEventsAsync(job)).ShouldBe(["job.failed"]);
    }

    [Fact]
    public async Task Cancel_InMidJob_KeepsWhatIsDoneAndStopsTheRest()
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("long", LongJob);
        await scenario.DoneChunksAsync(job, 2);

        await scenario.SendAsync(new CancelJob { JobId = job, Reason = "test" });

        (await scenario.FinalStateAsync(job)).ShouldBe("cancelled");
        int done = await scenario.DoneChunksAsync(job);
        done.ShouldBeInRange(2, LongJob - 1);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.pages WHERE job_id = @job", new { job })).ShouldBe(done);
        (await scenario.ValueAsync<long>("SELECT count(*) FROM vq.work WHERE job_id = @job", new { job })).ShouldBe(0);
        (await scenario.FinalEventsAsync(job)).ShouldBe(["job.cancelled"]);
    }
}
