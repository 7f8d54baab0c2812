using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Results;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Text of clients and models is data to the database, whatever it says and however long it is.</summary>
[Collection(PostgresServer.Collection)]
public sealed class HostileTextTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("'; DROP TABLE vq.jobs; --")]
    [InlineData("\"; $$ DROP TABLE vq.jobs $$; /* -- */ \\")]
    [InlineData("@JobId :jobId $1 {0} %s")]
    [InlineData("nul \0 and halves \ud800 \udc00 of pairs")]
    [InlineData("\u001b[2J\u202e\ufeff\uffff")]
    [InlineData("{\"a\": \"\\u0000\"}")]
    public async Task Complete_HostileText_IsStoredAsItIs(string text)
    {
        Guid jobId = await CompleteAsync(text, "hostile");

        JobResults results = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();
        string stored = StoredText.Clean(text, StoredText.BodyLength);
        results.Pages.ShouldHaveSingleItem().Text.ShouldBe(stored);
        results.Captions.ShouldHaveSingleItem().Text.ShouldBe(stored);
        results.Boxes.ShouldHaveSingleItem().Label.ShouldBe(stored);
        results.Issues.ShouldHaveSingleItem().RawText.ShouldBe(stored);
        results.SummaryParts.ShouldHaveSingleItem().Text.ShouldBe(stored);
        (await _database.CountAsync("vq.jobs")).ShouldBe(1);
    }

    [Theory]
    [InlineData("'; DROP TABLE vq.idempotency_keys; --")]
    [InlineData("key\0with\ud800nothing")]
    public async Task Submit_HostileKeyNameAndLabel_AreStoredAsTheyAre(string text)
    {
        SubmitJob command = LedgerDatabase.Command(text) with
        {
            Source = new JobSource { Uri = text },
            Tasks = [new JobTask { Kind = JobTaskKind.Grounding, Labels = [text] }],
        };

        SubmitOutcome first = await _database.Ledger.SubmitAsync(command, default);
        SubmitOutcome second = await _database.Ledger.SubmitAsync(command, default);

        second.JobId.ShouldBe(first.JobId);
        JobRecord job = await _database.JobAsync(first.JobId);
        string stored = StoredText.Clean(text, StoredText.KeyLength);
        (job.IdempotencyKey, job.Source.Uri, job.Tasks[0].Labels[0]).ShouldBe((stored, stored, stored));
        (await _database.Reader.FindJobAsync(LedgerDatabase.Tenant, text, default)).ShouldBe(first.JobId);
    }

    [Fact]
    public async Task Complete_FiftyMegabytesOfText_IsCutAndStored()
    {
        string text = new('x', 50_000_000);

        Guid jobId = await CompleteAsync(text, "large");

        JobResults results = (await _database.Reader.ReadResultsAsync(LedgerDatabase.Tenant, jobId, default)).ShouldNotBeNull();
        results.Pages.ShouldHaveSingleItem().Text.ShouldNotBeNull().Length.ShouldBe(StoredText.BodyLength);
        results.Boxes.ShouldHaveSingleItem().Label.Length.ShouldBe(StoredText.LabelLength);
        results.Job.DoneChunks.ShouldBe(1);
    }

    private async Task<Guid> CompleteAsync(string text, string key)
    {
        Guid jobId = await _database.SubmitPlannedAsync(key, LedgerDatabase.Plan(1), _worker);
        ClaimedGroup group = await _database.ClaimOneAsync(_worker);
        PlannedChunk chunk = (await _database.StartAsync(group)).ShouldHaveSingleItem();
        ChunkResult result = LedgerDatabase.PageResult(chunk, text) with
        {
            Captions = [new CaptionResult(1, text)],
            Boxes = [new BoxResult(1, JobTaskKind.Grounding, 0, text, new BoxEdges(1, 2, 3, 4), new BoxEdges(1, 2, 3, 4), Adjusted: false)],
            SummaryParts = [new SummaryPart(0, 0, text)],
            Issues = [new ParseIssue(1, JobTaskKind.Grounding, ErrorCodes.OutputUnreadable, "the answer must be a list", text)],
        };
        (await _database.Ledger.CompleteChunkAsync(group, chunk, result, default)).ShouldBe(ChunkEnd.JobFinished);
        return jobId;
    }
}
