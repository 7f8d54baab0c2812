using MassTransit;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Refuses a command that is too large before anything reads it: what a parser would make of it is many times as large.</summary>
internal sealed class CommandSizeFilter(DeadLetters deadLetters) : IFilter<ReceiveContext>
{
    /// <inheritdoc/>
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        long bytes = context.Body.Length ?? context.Body.GetBytes().LongLength;
        return bytes <= BrokerNames.MaxCommandBytes ? next.Send(context) : deadLetters.RefuseLargeAsync(context, bytes);
    }

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.CreateFilterScope("commandSize");
}
