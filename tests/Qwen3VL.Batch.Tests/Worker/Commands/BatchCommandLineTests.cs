using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Output;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Commands;

public sealed class BatchCommandLineTests : IDisposable
{
    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    public static TheoryData<string> CommandNames => [.. "worker migrate submit status jobs results cancel dead workers drain sweep partitions usage generate topology doctor".Split(' '), "dead list", "dead show", "dead replay", "dead discard"];

    [Theory]
    [MemberData(nameof(CommandNames))]
    public async Task Help_EveryCommand_HasExamplesAndExitCodes(string command)
    {
        (await RunAsync([.. command.Split(' '), "--help"])).ShouldBe(ExitCodes.Done);

        _out.ToString().ShouldContain("Examples:");
        _out.ToString().ShouldContain($"qwen3vl-batch {command}");
        _out.ToString().ShouldContain("130  interrupted");
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("submit")]
    [InlineData("submit", "a.pdf", "--pages", "5-2")]
    [InlineData("submit", "a.pdf", "--again", "--key", "mine")]
    [InlineData("submit", "a.pdf", "--task", "paint")]
    [InlineData("submit", "a.pdf", "--wait", "--timeout", "NaN")]
    [InlineData("submit", "a.pdf", "--wait", "--timeout", "1e300")]
    [InlineData("generate", "hello", "--fps", "0")]
    [InlineData("generate", "hello", "--logprobs", "2")]
    [InlineData("generate", "hello", "--json", "--logprobs", "21")]
    [InlineData("generate", "hello", "--logit-bias", "12")]
    [InlineData("generate", "hello", "--logit-bias", "a=1")]
    [InlineData("results")]
    [InlineData("results", "job", "--format", "html")]
    [InlineData("status", "--limit", "0")]
    [InlineData("status", "--tenant", "-1")]
    [InlineData("migrate", "--dry-run", "--verify")]
    [InlineData("migrate", "--worker-login", "app")]
    [InlineData("migrate", "--worker-login", "app", "--worker-password-file", "f")]
    [InlineData("doctor", "--broker", "nonsense")]
    [InlineData("doctor", "--broker", "amqp://u:p@127.0.0.1:1")]
    [InlineData("worker", "--slots", "many")]
    [InlineData("jobs", "--limit", "0")]
    [InlineData("jobs", "--state", "lazy")]
    [InlineData("jobs", "--since", "yesterday or so")]
    [InlineData("jobs", "--until", "7w")]
    [InlineData("dead", "list", "--since", "01/02/2030")]
    [InlineData("jobs", "show")]
    [InlineData("drain")]
    [InlineData("drain", "1", "--all")]
    [InlineData("drain", "--all", "--timeout", "0")]
    [InlineData("partitions", "drop", "--yes")]
    [InlineData("partitions", "drop", "--before", "January", "--yes")]
    [InlineData("partitions", "drop", "--before", "2029-01")]
    [InlineData("partitions", "drop", "--before", "2029-01", "--yes", "--dry-run")]
    [InlineData("usage", "--by", "moon")]
    [InlineData("usage", "prices", "set", "--currency", "euro")]
    [InlineData("usage", "prices", "set", "--currency", "EUR", "--prompt", "-1")]
    [InlineData("usage", "prices", "set", "--currency", "EUR", "--prompt", "0.0001")]
    [InlineData("dead", "show", "not-an-id")]
    [InlineData("dead", "list", "--status", "lost")]
    [InlineData("dead", "list", "--source", "song")]
    [InlineData("dead", "list", "--limit", "0")]
    [InlineData("dead", "replay")]
    [InlineData("dead", "replay", "--all", "--code", "internal")]
    [InlineData("dead", "replay", "--all", "--rate", "0")]
    [InlineData("dead", "replay", "--all", "--rate", "1e-9")]
    [InlineData("dead", "replay", "--all", "--rate", "NaN")]
    [InlineData("dead", "discard", "01890000-0000-7000-8000-000000000001")]
    [InlineData("topology", "destroy")]
    public async Task Run_WrongCommandLine_IsAUsageErrorOnStderr(params string[] arguments)
    {
        (await RunAsync(arguments)).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith("qwen3vl-batch: ");
        _out.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_DatabaseDown_IsUnreachableInOneLine()
    {
        // Port 1 of the loopback: nothing listens there.
        (await RunAsync("status", "--database", "Host=127.0.0.1;Port=1;Username=u;Timeout=5")).ShouldBe(ExitCodes.Unreachable);

        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldHaveSingleItem().ShouldStartWith("qwen3vl-batch: the database must be reachable");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("doctor")]
    [InlineData("worker")]
    public async Task Run_PasswordOnTheCommandLine_IsRefusedAndNotRepeated(string command)
    {
        (await RunAsync(command, "--database", "Host=127.0.0.1;Port=1;Username=u;Password=marker-secret")).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("--database must hold no password");
        _error.ToString().ShouldNotContain("marker-secret");
    }

    [Fact]
    public async Task Run_MissingSetting_NamesTheKey()
    {
        (await RunAsync("submit", "a.pdf", "--broker", "amqp://u@127.0.0.1:1")).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("Media:SourceRoot must be set");
    }

    private Task<int> RunAsync(params string[] arguments) =>
        new BatchCommandLine(new Terminal(_out, _error, outIsTerminal: false, errorIsTerminal: false), TimeProvider.System, new ProcessConnections(TimeProvider.System))
            .RunAsync(arguments, CancellationToken.None);
}
