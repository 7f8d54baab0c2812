using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Composition;

public sealed class HealthServerTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Ask_ClaimLoopTurnsAndStops_AnswersAccordingly()
    {
        int port = LoopbackPort.Free();
        var activity = new WorkerActivity(_time);
        var broker = new BrokerStatus(new BrokerWatchOptions { LostAfter = TimeSpan.FromMinutes(3) }, _time);
        await using var server = new HealthServer(new WorkerOptions { HealthPort = port }, activity, broker, NullLogger<HealthServer>.Instance);
        await server.StartAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync("/ready")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        activity.Ready = true;
        (await StatusAsync("/ready")).ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(46));
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        activity.Looked();
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync("/other")).ShouldBe(HttpStatusCode.NotFound);

        (await StatusAsync("/broker")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        broker.NoteLook(consumed: true);
        (await StatusAsync("/broker")).ShouldBe(HttpStatusCode.OK);
        broker.NoteBlocked(true);
        (await StatusAsync("/broker")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.OK);
        broker.NoteBlocked(false);
        broker.NoteLook(consumed: false);
        _time.Advance(TimeSpan.FromMinutes(3));
        activity.Looked();
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(1));
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.ServiceUnavailable);
        broker.NoteAway();
        (await StatusAsync("/live")).ShouldBe(HttpStatusCode.OK);
        await server.StopAsync(CancellationToken.None);

        async Task<HttpStatusCode> StatusAsync(string path)
        {
            using HttpResponseMessage answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            return answer.StatusCode;
        }
    }
}
