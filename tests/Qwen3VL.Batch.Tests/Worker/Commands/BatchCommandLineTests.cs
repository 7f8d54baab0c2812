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

    public static TheoryData<string> CommandNames => [.. "worker migrate submit status results cancel generate topology doctor".Split(' '), "dead list", "dead show", "dead replay", "dead discard"];

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
    [InlineData("doctor", "--broker", "nonsense")]
    [InlineData("worker", "--slots", "many")]
    [InlineData("dead", "show", "not-an-id")]
    [InlineData("dead", "list", "--status", "lost")]
    [InlineData("dead", "list", "--source", "song")]
    [InlineData("dead", "list", "--limit", "0")]
    [InlineData("dead", "replay")]
    [InlineData("dead", "replay", "--all", "--code", "internal")]
    [InlineData("dead", "replay", "--all", "--rate", "0")]
    [InlineData("dead", "discard", "01890000-0000-7000-8000-000000000001")]
    [InlineData("topology", "destroy")]
    public async Task Run_WrongCommandLine_IsAUsageErrorOnStderr(params string[] arguments)
    {
        (await RunAsync(arguments)).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith("qwen3vl-batch: ");
        _out.ToString().ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_DatabaseDown_IsUnreachableInOneLineWithoutThePassword()
    {
        // Port 1 of the loopback: nothing listens there.
        (await RunAsync("status", "--database", "Host=127.0.0.1;Port=1;Username=u;Password=secret;Timeout=5")).ShouldBe(ExitCodes.Unreachable);

        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldHaveSingleItem().ShouldStartWith("qwen3vl-batch: the database must be reachable");
        _error.ToString().ShouldNotContain("secret");
    }

    [Fact]
    public async Task Run_MissingSetting_NamesTheKey()
    {
        (await RunAsync("submit", "a.pdf", "--broker", "amqp://u:p@127.0.0.1:1")).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("Media:SourceRoot must be set");
    }

    private Task<int> RunAsync(params string[] arguments) =>
        new BatchCommandLine(new Terminal(_out, _error, outIsTerminal: false, errorIsTerminal: false), TimeProvider.System, new ProcessConnections(TimeProvider.System))
            .RunAsync(arguments, CancellationToken.None);
}
