using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace Qwen3VL.TestKit.Servers;

/// <summary>
/// A PostgreSQL server of its own on a free loopback port, with its data in a temporary folder. Fast, not durable: fsync is off, so it
/// survives the death of its processes (what tests cause), not of the machine.
/// </summary>
/// <remarks>
/// By hand: <c>initdb -N -A scram-sha-256 --pwfile=F -D data</c>, then <c>postgres -D data -p PORT -c listen_addresses=127.0.0.1
/// -c unix_socket_directories=''</c> in the foreground. PostgreSQL refuses to run as root: root gives the folder to the user postgres and
/// puts <c>setpriv --reuid=postgres --regid=postgres --clear-groups</c> before both commands.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "qwen3vl";
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(60);

    private readonly ServerFolder _folder;
    private readonly string _password;
    private ServerProcess? _server;
    private int _databases;
    private ServerCertificate? _certificate;

    private PrivatePostgres(ServerFolder folder, string password)
    {
        _folder = folder;
        _password = password;
    }

    /// <summary>Loopback port; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>Settings (<c>name=value</c>) of the next start beside the usual ones, which they overrule.</summary>
    public IReadOnlyList<string> Settings { get; set; } = [];

    /// <summary>Connects to the server's own database. Tests take one from <see cref="CreateDatabaseAsync"/>.</summary>
    public string ConnectionString => ConnectionStringFor("postgres");

    /// <summary>Makes and starts a server.</summary>
    public static async Task<PrivatePostgres> StartAsync()
    {
        var postgres = new PrivatePostgres(ServerFolder.Create("qwen3vl-postgres-"), RandomNumberGenerator.GetHexString(32));
        try
        {
            await postgres.InitializeAsync();
            await postgres.LaunchAsync();
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again on the same port and data, with this certificate and for encrypted connections too.</summary>
    public async Task EncryptAsync(ServerCertificate certificate)
    {
        await StopAsync();
        _certificate = certificate;
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "server.crt"), certificate.CertificatePem);
        string key = Path.Combine(DataFolder, "server.key");
        await File.WriteAllTextAsync(key, certificate.KeyPem);
        await ServerProcess.RunAsync(["chmod", "600", key], CancellationToken.None);
        if (AsServerUser.Length > 0)
        {
            await ServerProcess.RunAsync(["chown", "-R", "postgres:postgres", DataFolder], CancellationToken.None);
        }

        await BootAsync();
    }

    /// <summary>Makes an empty database, or a copy of one that nobody is connected to, and returns how to connect to it.</summary>
    public async Task<string> CreateDatabaseAsync(string template = "template1")
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        // No pool: after a crash of the server its connections are dead, and tests crash it.
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE {template}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionStringFor(name);
    }

    /// <summary>Stops it in order (fast shutdown); data stay.</summary>
    public async Task StopAsync()
    {
        if (_server is not null)
        {
            // SIGINT is a fast shutdown: sessions are ended, the last checkpoint is written.
            await _server.EndAsync("INT", TimeSpan.FromSeconds(20), CancellationToken.None);
            await ForgetAsync();
        }
    }

    /// <summary>Ends it as a crash would: no checkpoint, sessions cut, recovery at the next start; data stay.</summary>
    public async Task KillAsync()
    {
        if (_server is not null)
        {
            // SIGQUIT is an immediate shutdown. SIGKILL would leave the sessions, which are process groups of their own, alive for a moment,
            // and a server that starts meanwhile refuses the data folder.
            await _server.EndAsync("QUIT", TimeSpan.FromSeconds(20), CancellationToken.None);
            await ForgetAsync();
        }
    }

    /// <summary>Starts it again on the same port and data.</summary>
    public Task StartAgainAsync() => _server is null ? BootAsync() : Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private static string[] AsServerUser => Environment.IsPrivilegedProcess
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        : [];

    private string DataFolder => _folder.Below("data");

    private string ConnectionStringFor(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Database = database,
        Username = User,
        Password = _password,
    }.ConnectionString;

    private async Task InitializeAsync()
    {
        string passwordFile = _folder.Below("password");
        await File.WriteAllTextAsync(passwordFile, _password);
        Directory.CreateDirectory(DataFolder);
        if (AsServerUser.Length > 0)
        {
            await ServerProcess.RunAsync(["chown", "-R", "postgres:postgres", _folder.Path], CancellationToken.None);
        }

        string[] initialize =
        [
            .. AsServerUser, ServerPrograms.Postgres("initdb"), "-N", "-D", DataFolder, "-U", User, "-A", "scram-sha-256",
            "--pwfile=" + passwordFile, "-E", "UTF8", "--locale=C.UTF-8",
        ];
        await ServerProcess.RunAsync(initialize, CancellationToken.None);
    }

    // A port that was free a moment ago may be taken when the server binds it: three tries.
    private async Task LaunchAsync()
    {
        for (int attempt = 1; ; attempt++)
        {
            Port = LoopbackPort.Free();
            try
            {
                await BootAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                await ForgetAsync();
            }
        }
    }

    private async Task BootAsync()
    {
        string[] settings =
        [
            "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "full_page_writes=off", "shared_buffers=64MB",
            "max_connections=200", "max_wal_senders=0", "wal_level=minimal", "jit=off", .. Settings,
        ];
        string[] command =
        [
            .. AsServerUser, ServerPrograms.Postgres("postgres"), "-D", DataFolder, "-p", Port.ToString(CultureInfo.InvariantCulture),
            .. settings.Concat(_certificate is null ? [] : ["ssl=on"]).SelectMany(setting => (string[])["-c", setting]),
        ];
        _server = ServerProcess.Start(new ServerLaunch(_folder.Below("server.log"), command));
        await _server.WaitUntilAsync(AnswersAsync, BootLimit, CancellationToken.None);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Timeout=5");
            await connection.OpenAsync(cancellationToken);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task ForgetAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }
}
