using Npgsql;
using Qwen3VL.Batch.IntegrationTests.Storage;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

[Collection(PostgresServer.Collection)]
public sealed class DeadCommandTests(PostgresServer server) : IAsyncLifetime, IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();
    private string _connectionString = "";
    private NpgsqlDataSource _source = null!; // set before each test
    private PostgresDeadLetters _deadLetters = null!; // set before each test

    public async Task InitializeAsync()
    {
        _connectionString = await server.CreateMigratedDatabaseAsync();
        _source = LedgerDataSource.Create(new DatabaseOptions { ConnectionString = _connectionString });
        _deadLetters = new PostgresDeadLetters(_source, new(), TimeProvider.System);
    }

    public async Task DisposeAsync() => await _source.DisposeAsync();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Dead_FromListToDiscard_SaysWhatItDoesAndWhoDidIt()
    {
        Guid sent = await RecordAsync("a");
        Guid left = await RecordAsync("b");

        (await RunAsync("list")).ShouldBe(ExitCodes.Done);
        Take().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')[0]).ShouldBe([left.ToString(), sent.ToString()]);
        (await RunAsync("replay", sent.ToString(), "--dry-run")).ShouldBe(ExitCodes.Done);
        Take().ShouldContain($"would replay  {sent}");
        (await RunAsync("replay", sent.ToString(), "--by", "night shift")).ShouldBe(ExitCodes.Done);
        Take().ShouldContain($"replayed  {sent}  message -> message ");
        (await RunAsync("replay", sent.ToString())).ShouldBe(ExitCodes.Failed);
        Take().ShouldContain($"not open  {sent}");
        (await RunAsync("discard", left.ToString(), "--reason", "test file", "--by", "ops")).ShouldBe(ExitCodes.Done);
        Take().ShouldContain($"discarded  {left}");
        (await RunAsync("list")).ShouldBe(ExitCodes.Done);
        Take().ShouldBeEmpty();

        (await RunAsync("show", sent.ToString())).ShouldBe(ExitCodes.Done);
        string shown = Take();
        shown.ShouldContain("replayed by night shift");
        shown.ShouldContain("invalid_command: jobId must be a job's id");
        (await RunAsync("show", Guid.Empty.ToString())).ShouldBe(ExitCodes.Failed);
    }

    [Fact]
    public async Task Dead_HostileTexts_AreHarmlessOnATerminal()
    {
        Guid id = await RecordAsync("a", letter => letter with
        {
            MessageType = "urn:\u001b]0;owned\u0007type",
            ErrorText = "\u001b[2Jcleared\u202e",
            Headers = "{\"h\":\"\\u001b[31m\"}",
            Body = null,
            BodyRaw = "\u001b[1Abody\u0085"u8.ToArray(),
        });

        (await RunAsync("list", "--status", "all")).ShouldBe(ExitCodes.Done);
        (await RunAsync("show", id.ToString())).ShouldBe(ExitCodes.Done);

        string printed = Take();
        printed.ShouldContain("cleared");
        printed.ShouldContain("body");
        printed.Where(letter => (char.IsControl(letter) && letter is not ('\n' or '\t')) || letter == '\u202e').ShouldBeEmpty();
    }

    [Fact]
    public async Task Dead_ReplayAll_NothingOpen_SaysSo()
    {
        (await RunAsync("replay", "--all")).ShouldBe(ExitCodes.Done);

        Take().ShouldBeEmpty();
        _error.ToString().ShouldContain("no such dead letter is open");
    }

    [Fact]
    public async Task DeadReplay_Interrupted_HasSaidWhatWasReplayed()
    {
        Guid first = await RecordAsync("a");
        Guid second = await RecordAsync("b");
        using var stop = new CancellationTokenSource();
        Task<int> replay = RunAsync(stop.Token, "replay", "--all", "--rate", "0.001");
        await Eventually.TrueAsync(async () => (await OpenAsync()).Length == 1, TimeSpan.FromSeconds(20), "the first replay");

        await stop.CancelAsync();

        (await replay.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBe(ExitCodes.Interrupted);
        Guid left = (await OpenAsync()).ShouldHaveSingleItem();
        Guid done = left == first ? second : first;
        Take().ShouldStartWith($"replayed  {done}");
        _error.ToString().ShouldContain("replayed so far: 1;");
    }

    [Fact]
    public async Task DeadShow_BodyOfSeveralLines_PosesAsNoField()
    {
        Guid id = await RecordAsync("a", letter => letter with { Body = null, BodyRaw = "first\r\naudit     2030-01-01 replayed by nobody"u8.ToArray() });

        (await RunAsync("show", id.ToString())).ShouldBe(ExitCodes.Done);

        string[] lines = Take().Split('\n');
        lines.ShouldContain("          audit     2030-01-01 replayed by nobody");
        lines.ShouldNotContain(line => line.StartsWith("audit", StringComparison.Ordinal) && line.Contains("nobody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DeadList_Csv_HasALineOfNames()
    {
        Guid id = await RecordAsync("a");

        (await RunAsync("list", "--since", "1h", "-f", "csv")).ShouldBe(ExitCodes.Done);

        string[] lines = Take().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("dead letter,status,code,times,age,what");
        lines.Length.ShouldBe(2);
        lines[1].ShouldStartWith($"{id},open,invalid_command,1,");
    }

    private async Task<Guid[]> OpenAsync() =>
        [.. (await _deadLetters.ListAsync(new DeadLetterQuery { TenantId = 0, Status = "open" }, CancellationToken.None)).Select(row => row.Id)];

    private Task<Guid> RecordAsync(string key) => RecordAsync(key, letter => letter);

    private Task<Guid> RecordAsync(string key, Func<NewDeadLetter, NewDeadLetter> change) => _deadLetters.RecordAsync(
        change(new NewDeadLetter
        {
            Source = "message",
            DedupKey = "msg:vq.commands:" + key,
            Queue = "vq.commands",
            MessageType = "urn:message:Qwen3VL.Batch.Contracts.V1:CancelJob",
            Headers = "{}",
            Body = """{"jobId":"x"}""",
            ErrorCode = ErrorCodes.InvalidCommand,
            ErrorText = "jobId must be a job's id",
            Actor = "test",
        }),
        CancellationToken.None);

    private string Take()
    {
        string printed = _out.ToString();
        _ = _out.GetStringBuilder().Clear();
        return printed;
    }

    private Task<int> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    private Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        new BatchCommandLine(new Terminal(_out, _error, outIsTerminal: false, errorIsTerminal: false), TimeProvider.System, new DatabaseConnections(_connectionString))
            .RunAsync(["dead", .. arguments, "--database", "Host=given-by-the-test"], cancellationToken);
}
