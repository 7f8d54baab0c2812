using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Qwen3VL.TestKit.Servers;

/// <summary>
/// A RabbitMQ broker of its own on free loopback ports, with its data in a temporary folder, and its own epmd (Erlang's port mapper), so
/// that a broker of the machine is neither seen nor disturbed.
/// </summary>
/// <remarks>
/// By hand: <c>epmd -address 127.0.0.1 -port E</c> in the foreground (a broker that finds none starts a daemon that outlives it), then
/// the package's <c>rabbitmq-server</c> script, not the wrapper in PATH, with the environment of <see cref="BrokerEnvironment"/>. HOME is the
/// folder: the Erlang cookie is made there. The broker is ready when a connection gets the first AMQP frame: it listens last of all.
/// </remarks>
public sealed class PrivateRabbitMq : IAsyncDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(120);

    private readonly ServerFolder _folder;
    private ServerProcess? _portMapper;
    private ServerProcess? _broker;
    private int _distributionPort;
    private int _portMapperPort;

    private PrivateRabbitMq(ServerFolder folder) => _folder = folder;

    private string MoreConfiguration { get; init; } = "";

    /// <summary>Always the loopback address.</summary>
    public string Host { get; } = "127.0.0.1";

    /// <summary>AMQP port; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The default virtual host.</summary>
    public string VirtualHost { get; } = "/";

    /// <summary>A user with all rights.</summary>
    public string User { get; } = "qwen3vl";

    /// <summary>Made for this broker.</summary>
    public string Password { get; } = RandomNumberGenerator.GetHexString(32);

    /// <summary>Makes and starts a broker; takes several seconds.</summary>
    public static Task<PrivateRabbitMq> StartAsync() => StartAsync("");

    /// <summary>The same with more lines in its <c>rabbitmq.conf</c>.</summary>
    public static async Task<PrivateRabbitMq> StartAsync(string moreConfiguration)
    {
        var broker = new PrivateRabbitMq(ServerFolder.Create("qwen3vl-rabbitmq-")) { MoreConfiguration = moreConfiguration };
        try
        {
            await broker.LaunchAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it in order; durable queues and persistent messages stay.</summary>
    public async Task StopAsync()
    {
        if (_broker is not null)
        {
            await _broker.EndAsync("TERM", TimeSpan.FromSeconds(30), CancellationToken.None);
            await ForgetBrokerAsync();
        }
    }

    /// <summary>
    /// Writes what the broker knows about queues, exchanges and bindings to its disk. Its database (Mnesia) may answer a declaration while the
    /// log record still waits in memory, for up to two seconds: a crash in that time forgets a queue together with the confirmed messages in it.
    /// A test that declares and kills at once calls this between the two.
    /// </summary>
    public Task FlushDeclarationsAsync() => ControlAsync("eval", "ok = mnesia:sync_log().");

    /// <summary>Runs <c>rabbitmqctl</c> on this broker.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0.</exception>
    public Task ControlAsync(params IReadOnlyList<string> arguments) => ServerProcess.RunAsync(
        [ServerPrograms.RabbitMq("rabbitmqctl"), "--quiet", .. arguments], BrokerEnvironment, CancellationToken.None);

    /// <summary>Kills the broker's processes at once, as a crash would; what was confirmed in a queue that was on disk stays.</summary>
    public async Task KillAsync()
    {
        if (_broker is not null)
        {
            await _broker.EndAsync("KILL", TimeSpan.FromSeconds(20), CancellationToken.None);
            await ForgetBrokerAsync();
        }
    }

    /// <summary>Starts it again on the same ports and data.</summary>
    public Task StartAgainAsync() => _broker is null ? BootAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await ForgetPortMapperAsync();
        _folder.Dispose();
    }

    /// <summary>What the broker and its command line tools read.</summary>
    public IReadOnlyDictionary<string, string> BrokerEnvironment => new Dictionary<string, string>
    {
        ["HOME"] = _folder.Path,
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = _portMapperPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_CONF_ENV_FILE"] = _folder.Below("none"),
        ["RABBITMQ_NODENAME"] = string.Create(CultureInfo.InvariantCulture, $"qwen3vl{Port}@localhost"),
        ["RABBITMQ_MNESIA_BASE"] = _folder.CreateBelow("mnesia"),
        ["RABBITMQ_LOG_BASE"] = _folder.CreateBelow("log"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.Below("enabled_plugins"),
        ["RABBITMQ_CONFIG_FILE"] = _folder.Below("rabbitmq.conf"),
        ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),

        // Schedulers that do not spin when idle: the machine is shared with the engine under test.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] =
            "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    };

    // Ports that were free a moment ago may be taken when the servers bind them: three tries.
    private async Task LaunchAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            (Port, _distributionPort, _portMapperPort) = (LoopbackPort.Free(), LoopbackPort.Free(), LoopbackPort.Free());
            try
            {
                await WriteConfigurationAsync();
                await StartPortMapperAsync();
                await BootAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                await ForgetBrokerAsync();
                await ForgetPortMapperAsync();
            }
        }
    }

    private async Task WriteConfigurationAsync()
    {
        await File.WriteAllTextAsync(_folder.Below("enabled_plugins"), "[].");
        await File.WriteAllTextAsync(
            _folder.Below("rabbitmq.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                listeners.tcp.local = 127.0.0.1:{Port}
                default_user = {User}
                default_pass = {Password}
                disk_free_limit.absolute = 50MB
                log.console = true
                log.file = false
                {MoreConfiguration}

                """));
    }

    private async Task StartPortMapperAsync()
    {
        string port = _portMapperPort.ToString(CultureInfo.InvariantCulture);
        string[] command = [ServerPrograms.Find("epmd", []), "-address", "127.0.0.1", "-port", port];
        _portMapper = ServerProcess.Start(new ServerLaunch(_folder.Below("epmd.log"), command));
        await _portMapper.WaitUntilAsync(token => AcceptsAsync(_portMapperPort, token), BootLimit, CancellationToken.None);
    }

    private async Task BootAsync()
    {
        var launch = new ServerLaunch(_folder.Below("broker.log"), [ServerPrograms.RabbitMq("rabbitmq-server")])
        {
            Environment = BrokerEnvironment,
        };
        _broker = ServerProcess.Start(launch);
        await _broker.WaitUntilAsync(AnswersAsync, BootLimit, CancellationToken.None);
    }

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // AMQP 0-9-1, section 4.2.2: the client sends the protocol header, the server answers with a method frame (type 1).
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray(), cancellationToken);
            byte[] first = new byte[1];
            return await stream.ReadAsync(first, cancellationToken) == 1 && first[0] == 1;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private async Task ForgetBrokerAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
            _broker = null;
        }
    }

    private async Task ForgetPortMapperAsync()
    {
        if (_portMapper is not null)
        {
            await _portMapper.DisposeAsync();
            _portMapper = null;
        }
    }
}
