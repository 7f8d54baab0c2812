using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Qwen3VL.Batch.Faults.Network;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Network;

public sealed class ChaosProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly EchoServer _server = EchoServer.Start();
    private readonly ChaosProxy _proxy;

    public ChaosProxyTests() => _proxy = ChaosProxy.Start(_server.Port, TimeProvider.System);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Proxy_NoRules_PassesEverything()
    {
        using TcpClient client = await ConnectAsync();
        string text = new('a', 200_000);

        Task sending = SendAsync(client, text);
        (await ReadAsync(client, text.Length)).ShouldBe(text);
        await sending;
    }

    [Fact]
    public async Task Delay_OfOneDirection_HoldsUpTheAnswer()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.ToServer.Delay = TimeSpan.FromMilliseconds(300);
        var watch = Stopwatch.StartNew();

        await SendAsync(client, "x");
        await ReadAsync(client, 1);

        watch.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(290);
    }

    [Fact]
    public async Task BytesPerSecond_Bound_SlowsTheStream()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.ToClient.BytesPerSecond = 10_000;
        var watch = Stopwatch.StartNew();

        await SendAsync(client, new string('x', 4_000));
        await ReadAsync(client, 4_000);

        watch.ElapsedMilliseconds.ShouldBeGreaterThanOrEqualTo(380);
    }

    [Fact]
    public async Task Hold_OfTheAnswers_DeliversThemAfterRelease()
    {
        using TcpClient client = await ConnectAsync();
        _proxy.ToClient.Hold();
        await SendAsync(client, "late");
        Task<string> answer = ReadAsync(client, 4);

        (await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System))).ShouldNotBe(answer);
        _proxy.ToClient.Release();

        (await answer.WaitAsync(Limit)).ShouldBe("late");
    }

    [Fact]
    public async Task ResetAll_OpenConnection_IsResetAndTheNextOneWorks()
    {
        using TcpClient client = await ConnectAsync();
        await SendAsync(client, "a");
        await ReadAsync(client, 1);

        _proxy.ResetAll();

        await ShouldBeResetAsync(client);
        using TcpClient next = await ConnectAsync();
        await SendAsync(next, "b");
        (await ReadAsync(next, 1)).ShouldBe("b");
    }

    [Fact]
    public async Task Refuses_NewConnection_IsReset()
    {
        _proxy.Refuses = true;

        // The reset may come while the client still connects.
        await Should.ThrowAsync<Exception>(async () =>
        {
            using TcpClient client = await ConnectAsync();
            await ReadAsync(client, 1);
        });

        _proxy.OpenConnections.ShouldBe(0);
    }

    [Fact]
    public async Task CutAfterBytes_LongAnswer_EndsThere()
    {
        _proxy.ToClient.CutAfterBytes = 5;
        using TcpClient client = await ConnectAsync();
        await SendAsync(client, "0123456789");

        byte[] buffer = new byte[100];
        int read = await client.GetStream().ReadAtLeastAsync(buffer, 5);

        Encoding.ASCII.GetString(buffer, 0, read).ShouldBe("01234");
        await ShouldBeResetAsync(client);
    }

    [Fact]
    public async Task Fault_NthPattern_SwallowsThatAnswerOnly()
    {
        var fault = new FlowFault("DONE"u8.ToArray(), first: 2);
        _proxy.ToClient.Fault = fault;
        using TcpClient client = await ConnectAsync();
        await SendAsync(client, "1DONE");
        (await ReadAsync(client, 5)).ShouldBe("1DONE");

        await SendAsync(client, "2DONE");

        // What stands before the pattern may arrive or be lost with the reset; the pattern never arrives.
        (await RestAsync(client)).ShouldNotContain("DONE");
        (fault.Passed, fault.Fired).ShouldBe((2, 1));
        using TcpClient next = await ConnectAsync();
        await SendAsync(next, "3DONE");
        (await ReadAsync(next, 5)).ShouldBe("3DONE");
    }

    [Fact]
    public async Task Rewrite_TextInTheStream_IsExchangedAndCounted()
    {
        var rewrite = new FlowRewrite("AND guard", "AND true");
        _proxy.ToServer.Rewrites = [rewrite];
        using TcpClient client = await ConnectAsync();

        await SendAsync(client, "WHERE a AND gua");
        await SendAsync(client, "rd; AND other");

        (await ReadAsync(client, 28)).ShouldBe("WHERE a AND true ; AND other");
        rewrite.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Rewrite_StreamEndsInABeginningOfIt_IsNotKeptBack()
    {
        _proxy.ToServer.Rewrites = [new FlowRewrite("AND guard", "AND true")];
        using TcpClient client = await ConnectAsync();

        await SendAsync(client, "AND gu");

        (await ReadAsync(client, 6)).ShouldBe("AND gu");
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        return client;
    }

    private static Task SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    private static async Task<string> ReadAsync(TcpClient client, int length)
    {
        byte[] buffer = new byte[length];
        await client.GetStream().ReadExactlyAsync(buffer).AsTask().WaitAsync(Limit);
        return Encoding.ASCII.GetString(buffer);
    }

    private static async Task<string> RestAsync(TcpClient client)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[100];
        try
        {
            while (await client.GetStream().ReadAsync(buffer).AsTask().WaitAsync(Limit) is > 0 and var read)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Reset.
        }

        return text.ToString();
    }

    private static Task ShouldBeResetAsync(TcpClient client) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                await SendAsync(client, "?");
                return await client.GetStream().ReadAsync(new byte[100]) == 0;
            }
            catch (Exception exception) when (exception is IOException or SocketException)
            {
                return true;
            }
        },
        Limit,
        "a reset");
}
