using System.Security.Authentication;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
    private const int HintQueueLength = 16;
    private const int HintTtlMs = 10_000;

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
        services.AddSingleton<ControlHints>();
        services.AddSingleton<OutboxSender>();
        services.TryAddSingleton<BrokerWatchOptions>();
        services.AddSingleton<BrokerStatus>();
        services.AddHostedService<BrokerWatch>();
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<SubmitJobConsumer>();
            bus.AddConsumer<CancelJobConsumer>();
            bus.AddConsumer<SetJobPriorityConsumer>();
            bus.AddConsumer<ReplayDeadLettersConsumer>();
            bus.AddConsumer<WorkAvailableConsumer>();
            bus.AddConsumer<ControlConsumer>();
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
        services.AddHostedService<ControlBroadcaster>();
        services.AddHostedService<DeadLetterIngest>();
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
            if (broker.Tls == BrokerTls.On)
            {
                Encrypt(host, broker);
            }
        });
        rabbit.ConfigureJsonSerializerOptions(_ => new(ContractJson.Options));
        rabbit.UseRawJsonSerializer(RawSerializerOptions.AddTransportHeaders);
        rabbit.ReceiveEndpoint(BrokerNames.Commands, endpoint => Commands(context, endpoint));
        Guid worker = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        rabbit.ReceiveEndpoint($"{BrokerNames.Wake}.{worker:N}", endpoint =>
        {
            Hints(endpoint, BrokerNames.Wake);
            endpoint.ConfigureConsumer<WorkAvailableConsumer>(context);
        });
        rabbit.ReceiveEndpoint($"{BrokerNames.Control}.{worker:N}", endpoint =>
        {
            Hints(endpoint, BrokerNames.Control);
            endpoint.ConfigureConsumer<ControlConsumer>(context);
        });
    }

    private static void Encrypt(IRabbitMqHostConfigurator host, BrokerOptions broker)
    {
        var certificates = BrokerCertificates.Load(broker);
        host.UseSsl(ssl =>
        {
            ssl.Protocol = SslProtocols.None;
            ssl.ServerName = broker.Host;
            if (certificates.Client.Count > 0)
            {
                ssl.Certificate = certificates.Client[0];
            }

            ssl.CertificateValidationCallback = (_, certificate, chain, errors) => certificates.Accepts(certificate, chain, errors);
        });
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
        endpoint.ConfigureReceive(pipe => pipe.UseFilter(new CommandSizeFilter(deadLetters)));
        endpoint.ConfigureError(pipe => pipe.UseFilter(deadLetters));
        endpoint.ConfigureDeadLetter(pipe => pipe.UseFilter(deadLetters));
        endpoint.ConfigureConsumer<SubmitJobConsumer>(context);
        endpoint.ConfigureConsumer<CancelJobConsumer>(context);
        endpoint.ConfigureConsumer<SetJobPriorityConsumer>(context);
        endpoint.ConfigureConsumer<ReplayDeadLettersConsumer>(context);
    }

    // Exclusive: such a queue may be transient on every version of the broker, and goes with its worker.
    private static void Hints(IRabbitMqReceiveEndpointConfigurator endpoint, string exchange)
    {
        endpoint.Durable = false;
        endpoint.Exclusive = true;
        endpoint.AutoDelete = true;
        endpoint.SetQueueArgument("x-max-length", HintQueueLength);
        endpoint.SetQueueArgument("x-message-ttl", HintTtlMs);
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = HintQueueLength;
        endpoint.Bind(exchange);
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
    }
}
