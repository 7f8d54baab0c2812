using System.CommandLine;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>partitions ensure</c>: makes the months that are missing, as every sweep does.</summary>
internal sealed class PartitionsEnsureCommand(GlobalOptions globals, Connections connections, Terminal terminal) : IBatchCommand
{
    /// <inheritdoc/>
    public Command Command { get; } = new("ensure", "Makes the months up to two ahead. Workers do it by themselves; this is for when none runs.");

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch partitions ensure
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        await using NpgsqlDataSource database = connections.OpenDatabase(globals.Load(call, SettingsSections.Database));
        int made = await new PostgresPartitions(database).EnsureAsync(cancellationToken).ConfigureAwait(false);
        terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{made} partitions made"));
        return ExitCodes.Done;
    }
}
