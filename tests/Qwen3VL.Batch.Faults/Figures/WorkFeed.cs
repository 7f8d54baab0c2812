using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Keeps a world's workers busy: sends a job whenever less than so many chunks wait. Broken servers are waited for.</summary>
internal sealed class WorkFeed : IAsyncDisposable
{
    private const string Waiting =
        """
        SELECT coalesce(sum(CASE WHEN total_chunks IS NULL THEN @Pages ELSE total_chunks - done_chunks - failed_chunks END), 0)::int
        FROM vq.jobs WHERE state IN ('accepted', 'splitting', 'running')
        """;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly World _world;
    private readonly int _pages;
    private readonly int _least;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _feeding;

    /// <summary>Begins.</summary>
    /// <param name="world">Where.</param>
    /// <param name="pages">Pages of a job.</param>
    /// <param name="least">Chunks that wait at least.</param>
    public WorkFeed(World world, int pages, int least)
    {
        _world = world;
        _pages = pages;
        _least = least;
        _feeding = FeedAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _feeding;
        _stop.Dispose();
    }

    private async Task FeedAsync()
    {
        using var timer = new PeriodicTimer(Poll, World.Time);
        try
        {
            do
            {
                if (await WaitingAsync() < _least)
                {
                    await SubmitAsync();
                }
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The feed ends.
        }
    }

    private async Task<int> WaitingAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(_world.Database + ";Pooling=false;Timeout=5");
            return await connection.QuerySingleAsync<int>(new CommandDefinition(Waiting, new { Pages = _pages }, cancellationToken: _stop.Token));
        }
        catch (NpgsqlException)
        {
            // Away; nothing is sent to what cannot be looked at.
            return int.MaxValue;
        }
    }

    // A command whose confirm did not come may have arrived: the same again is safe, and needed.
    private async Task SubmitAsync()
    {
        ExpectedJob job = _world.NewJob(_pages);
        _world.Expected.Jobs.Add(job);
        while (true)
        {
            try
            {
                await _world.SendAsync(World.Command(job));
                return;
            }
            catch (BrokerException)
            {
                await Task.Delay(Poll, World.Time, _stop.Token);
            }
        }
    }
}
