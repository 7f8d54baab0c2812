using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// Plain HTTP answers on loopback, when a port is configured. <c>/live</c>: the claim loop turned a moment ago, and commands have a consumer
/// here whenever the broker answers; a process that fails it is to be restarted. <c>/ready</c>: the worker claims work and is not draining.
/// <c>/broker</c>: the broker answers, takes messages, and gives commands to this worker; work that is recorded goes on without it.
/// </summary>
internal sealed class HealthServer(WorkerOptions options, WorkerActivity activity, BrokerStatus broker, ILogger<HealthServer> logger)
    : IHostedService, IAsyncDisposable
{
    // A claim may take 20 s and a wait after failures 10 s, and the wait for work up to 1.25 poll intervals: what is longer is stuck.
    private readonly TimeSpan _longestSilence = TimeSpan.FromSeconds(Math.Max(45, (2 * options.PollSeconds) + 30));

    private WebApplication? _server;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.HealthPort == 0)
        {
            return;
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, options.HealthPort));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync(cancellationToken).ConfigureAwait(false);
        logger.HealthListens(options.HealthPort);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _server?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        bool? good = context.Request.Path.Value switch
        {
            "/live" => activity.SinceLook < _longestSilence && !broker.EndpointLost,
            "/ready" => activity.Ready && activity.SinceLook < _longestSilence,
            "/broker" => broker.Connected && !broker.Blocked && broker.Unheard == TimeSpan.Zero,
            _ => null,
        };
        context.Response.StatusCode = good switch
        {
            true => StatusCodes.Status200OK,
            false => StatusCodes.Status503ServiceUnavailable,
            null => StatusCodes.Status404NotFound,
        };
        return context.Response.WriteAsync(good switch { true => "yes\n", false => "no\n", null => "/live, /ready or /broker\n" }, context.RequestAborted);
    }
}
