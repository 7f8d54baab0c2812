using Qwen3VL.Batch.Faults.Processes;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Processes;

public sealed class ProcessFactsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qwen3vl-process-facts-").FullName;

    [Fact]
    public async Task Belonging_ChildOfAnEndedLeader_IsFoundByItsGroup()
    {
        // The leader ends, its child goes on in the group until the group is killed.
        await using ServerProcess leader = Start("sleep 60 & exit 0");
        await leader.WaitForExitAsync(CancellationToken.None);

        ProcessFacts.Belonging([leader.Id], "no such text").ShouldHaveSingleItem().ShouldNotBe(leader.Id);
    }

    [Fact]
    public async Task Belonging_ProcessWithASessionOfItsOwn_IsFoundByTheFolder()
    {
        await using ServerProcess leader = Start("exec sleep 60");
        await Eventually.TrueAsync(() => Task.FromResult(ProcessFacts.Belonging([], _folder).Contains(leader.Id)), TimeSpan.FromSeconds(20), "the process is found");

        await leader.EndAsync("KILL", TimeSpan.FromSeconds(10), CancellationToken.None);

        ProcessFacts.Belonging([leader.Id], _folder).ShouldBeEmpty();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ServerProcess Start(string script) => ServerProcess.Start(new ServerLaunch(Path.Combine(_folder, "log"), ["sh", "-c", script])
    {
        Environment = new Dictionary<string, string> { ["RUN_FOLDER"] = _folder },
    });
}
