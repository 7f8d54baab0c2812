using System.Diagnostics;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>A client that sends one small job after another, connects again when it must, and times every call.</summary>
internal sealed class CommandStream : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    private readonly World _world;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private long _lastConfirmed = Stopwatch.GetTimestamp();

    /// <summary>Begins.</summary>
    public CommandStream(World world)
    {
        _world = world;
        _sending = SendAsync();
    }

    /// <summary>Commands that were confirmed.</summary>
    public int Confirmed { get; private set; }

    /// <summary>Calls that failed: refused, or unknown and sent again.</summary>
    public int Failed { get; private set; }

    /// <summary>The longest call, in seconds.</summary>
    public double LongestCall { get; private set; }

    /// <summary>Timestamp of the last confirm.</summary>
    public long LastConfirmed => Interlocked.Read(ref _lastConfirmed);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        CommandClient? client = null;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                ExpectedJob job = _world.NewJob(1);
                _world.Expected.Jobs.Add(job);
                SubmitJob command = World.Command(job);
                for (bool taken = false; !taken;)
                {
                    (client, taken) = await TryAsync(client, command);
                    await Task.Delay(Pause, World.Time, CancellationToken.None);
                }
            }
        }
        finally
        {
            await (client?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<(CommandClient? Client, bool Taken)> TryAsync(CommandClient? client, SubmitJob command)
    {
        try
        {
            client ??= await CommandClient.ConnectAsync(_world.Broker, World.Time, CancellationToken.None);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            return (null, false);
        }

        long at = Stopwatch.GetTimestamp();
        try
        {
            await client.SendAsync(command, CancellationToken.None);
            Interlocked.Exchange(ref _lastConfirmed, Stopwatch.GetTimestamp());
            Confirmed++;
            return (client, true);
        }
        catch (Exception exception) when (IsBroken(exception))
        {
            Failed++;
            await client.DisposeAsync();
            return (null, false);
        }
        finally
        {
            LongestCall = Math.Max(LongestCall, Stopwatch.GetElapsedTime(at).TotalSeconds);
        }
    }

    // What the plain client throws while a broker goes away and comes back.
    private static bool IsBroken(Exception exception) =>
        exception is BrokerException or IOException or RabbitMQ.Client.Exceptions.RabbitMQClientException or ObjectDisposedException or TimeoutException;
}
