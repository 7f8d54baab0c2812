using System.Net.Sockets;
using System.Security.Authentication;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Opens plain AMQP connections and says in words why one cannot be opened.</summary>
internal static class BrokerConnection
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Opens a connection; the caller owns it.</summary>
    /// <exception cref="BrokerException">Not reachable, certificate or credentials refused, or no such virtual host.</exception>
    public static async Task<IConnection> OpenAsync(BrokerOptions options, string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory
        {
            HostName = options.Host,
            Port = options.Port,
            VirtualHost = options.VirtualHost,
            UserName = options.User,
            Password = options.Password,
            ClientProvidedName = name,
            RequestedConnectionTimeout = ConnectTimeout,
            AutomaticRecoveryEnabled = false,
        };
        if (options.Tls == BrokerTls.On)
        {
            var certificates = BrokerCertificates.Load(options);
            factory.Ssl = new SslOption
            {
                Enabled = true,
                ServerName = options.Host,
                Certs = certificates.Client,
                CertificateValidationCallback = (_, certificate, chain, errors) => certificates.Accepts(certificate, chain, errors),
            };
        }

        string where = $"{options.Host}:{options.Port}";
        try
        {
            return await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (BrokerUnreachableException exception) when (IsAuthentication(exception))
        {
            throw new BrokerException($"broker at {where} must accept Broker:User and Broker:Password; it refused user {options.User}", exception);
        }
        catch (BrokerUnreachableException exception) when (Causes(exception).Any(cause => cause is AuthenticationException))
        {
            throw new BrokerException($"broker at {where} must show a certificate for {options.Host} that Broker:CaFile or the system trusts, and accept Broker:CertificateFile; the TLS handshake failed", exception);
        }
        catch (BrokerUnreachableException exception) when (Causes(exception).Any(cause => cause is OperationInterruptedException))
        {
            throw new BrokerException($"broker at {where} must have Broker:VirtualHost and let the user in; it refused {options.VirtualHost} for {options.User}", exception);
        }
        catch (OperationInterruptedException exception)
        {
            throw new BrokerException($"broker at {where} must have Broker:VirtualHost and let the user in; it refused {options.VirtualHost} for {options.User}", exception);
        }
        catch (Exception exception) when (exception is BrokerUnreachableException or SocketException or IOException or TimeoutException)
        {
            throw new BrokerException($"broker must be reachable at Broker:Host and Broker:Port; nothing answers AMQP at {where}", exception);
        }
    }

    private static bool IsAuthentication(Exception exception) =>
        Causes(exception).Any(cause => cause is AuthenticationFailureException or PossibleAuthenticationFailureException);

    private static IEnumerable<Exception> Causes(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
            if (cause is AggregateException several)
            {
                foreach (Exception inner in several.InnerExceptions.SelectMany(Causes))
                {
                    yield return inner;
                }
            }
        }
    }
}
