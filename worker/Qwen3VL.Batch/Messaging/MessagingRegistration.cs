using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Puts the bus together. Messages are the contract's JSON without an envelope, told apart by one header, so that a client in any language
/// can send a command with its AMQP library alone; MassTransit's own envelope is understood too.
/// </summary>
internal static class MessagingRegistration
{
    // Prefetch and concurrency in one: a command that only waited for a slot would use up the consumer timeout that the gate counts on.
    private const ushort CommandConcurrency = 16;
    private const int WakeQueueLength = 16;
    private const int WakeTtlMs = 10_000;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ContinuationTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Registers the bus, its consumers and the services around it.</summary>
    public static IServiceCollection AddMessaging(this IServiceCollection services, BrokerOptions broker)
    {
        services.AddSingleton(broker);
        services.AddSingleton<WakeUp>();
        services.AddSingleton<CommandGate>();
        services.AddSingleton<DeadSubmit>();
        services.AddHostedService<TopologyService>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<SubmitJobConsumer>();
            bus.AddConsumer<CancelJobConsumer>();
            bus.AddConsumer<WorkAvailableConsumer>();
            bus.UsingRabbitMq((context, rabbit) => Configure(context, rabbit, broker));
        });
        services.Configure<MassTransitHostOptions>(options =>
        {
            // The worker starts and infers while the broker is away.
            options.WaitUntilStarted = false;
            options.ConsumerStopTimeout = ConsumerStopTimeout;
            options.StopTimeout = StopTimeout;
        });
        services.AddHostedService<OutboxRelay>();
        services.AddHostedService<WakeBroadcaster>();
        return services;
    }

    private static void Configure(IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator rabbit, BrokerOptions broker)
    {
        rabbit.Host(broker.Host, (ushort)broker.Port, broker.VirtualHost, "qwen3vl-batch worker", host =>
        {
            host.Username(broker.User);
            host.Password(broker.Password);
            host.Heartbeat(Heartbeat);
            host.RequestedConnectionTimeout(ConnectTimeout);
            host.ContinuationTimeout(ContinuationTimeout);
        });
        rabbit.ConfigureJsonSerializerOptions(_ => new(ContractJson.Options));
        rabbit.UseRawJsonSerializer(RawSerializerOptions.AddTransportHeaders);
        rabbit.ReceiveEndpoint(BrokerNames.Commands, endpoint => Commands(context, endpoint));
        rabbit.ReceiveEndpoint($"{BrokerNames.Wake}.{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}", endpoint => Wake(context, endpoint));
    }

    private static void Commands(IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        foreach ((string key, object? value) in BrokerNames.CommandQueueArguments)
        {
            endpoint.SetQueueArgument(key, value);
        }

        // The topology is declared in one place; exchanges named after .NET types would be a second contract.
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = CommandConcurrency;
        endpoint.ConcurrentMessageLimit = CommandConcurrency;
        var deadLetters = new DeadLetters(
            context.GetRequiredService<DeadSubmit>(), context.GetRequiredService<TimeProvider>(), context.GetRequiredService<ILogger<DeadLetters>>());
        endpoint.ConfigureError(pipe => pipe.UseFilter(deadLetters));
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(deadLetters));
        endpoint.ConfigureConsumer<SubmitJobConsumer>(context);
        endpoint.ConfigureConsumer<CancelJobConsumer>(context);
    }

    private static void Wake(IBusRegistrationContext context, IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.Durable = false;
        endpoint.Exclusive = true;
        endpoint.AutoDelete = true;
        endpoint.SetQueueArgument("x-max-length", WakeQueueLength);
        endpoint.SetQueueArgument("x-message-ttl", WakeTtlMs);
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = WakeQueueLength;
        endpoint.Bind(BrokerNames.Wake);
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        endpoint.ConfigureConsumer<WorkAvailableConsumer>(context);
    }
}
