using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Builds and runs the worker process.</summary>
internal static class WorkerHost
{
    /// <summary>Runs until a signal or the token ends it; chunks in flight are finished or given back first.</summary>
    /// <param name="overrides">Settings from the command line, keys like <c>Worker:Slots</c>.</param>
    /// <param name="cancellationToken">Asks for an orderly stop, like SIGTERM.</param>
    /// <returns>The process's exit code: 0 after an orderly stop, 1 when the engine stopped by itself.</returns>
    /// <exception cref="SettingsException">Configuration cannot work.</exception>
    public static async Task<int> RunAsync(IReadOnlyDictionary<string, string?> overrides, CancellationToken cancellationToken)
    {
        Settings settings = Settings.Load(overrides, SettingsSections.All);
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(settings.Configuration);
        builder.Logging.AddConfiguration(settings.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(options => options.SingleLine = true);
        builder.Services.AddSingleton(TimeProvider.System);
        using IHost host = builder.Build();
        await host.RunAsync(cancellationToken).ConfigureAwait(false);
        return 0;
    }
}
