using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using Settings = Qwen3VL.Batch.Worker.Composition.Settings;
using WorkerHost = Qwen3VL.Batch.Worker.Composition.WorkerHost;

namespace Qwen3VL.Batch.Tests.Ops;

/// <summary>compose.yaml cannot be run on every machine; what can be checked of it is checked here.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "compose.yaml"));

    private static readonly Dictionary<string, object?> Compose =
        new DeserializerBuilder().Build().Deserialize<Dictionary<string, object?>>(new MergingParser(new Parser(new StringReader(Text))));

    public static TheoryData<string> ServiceNames => [.. "rabbitmq postgres migrate worker cli".Split(' ')];

    [Theory]
    [MemberData(nameof(ServiceNames))]
    public void Service_EveryOne_HasAnImage(string service) => Service(service)["image"].ShouldBeOfType<string>().ShouldNotBeEmpty();

    [Fact]
    public void Environment_EveryVariable_IsAKeyOfTheConfiguration()
    {
        string[] names = [.. Map(Service("worker")["environment"]).Keys];

        names.ShouldNotBeEmpty();
        foreach (string name in names)
        {
            name.ShouldStartWith(Settings.EnvironmentPrefix);
            string[] path = name[Settings.EnvironmentPrefix.Length..].Split("__");
            PropertyInfo section = typeof(Settings).GetProperty(path[0]).ShouldNotBeNull(name);
            _ = section.PropertyType.GetProperty(path[1]).ShouldNotBeNull(name);
        }
    }

    [Fact]
    public void StopTimes_OfComposeAndScripts_AreLongerThanTheWorkerTakes()
    {
        double own = new WorkerOptions().GraceSeconds + WorkerHost.StopReserve.TotalSeconds;
        string scripts = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "ops", "lib.sh"));

        int compose = int.Parse(Service("worker")["stop_grace_period"].ShouldBeOfType<string>().TrimEnd('s'), CultureInfo.InvariantCulture);
        int script = int.Parse(Regex.Match(scripts, @"(?m)^worker_stop_seconds=(\d+)$").Groups[1].Value, CultureInfo.InvariantCulture);

        ((double)compose).ShouldBeGreaterThan(own);
        ((double)script).ShouldBeGreaterThan(own);
    }

    [Fact]
    public void Secrets_EveryPassword_MustComeFromOutside()
    {
        foreach (string line in Text.Split('\n').Where(line => line.Contains("PASS", StringComparison.OrdinalIgnoreCase) && !line.TrimStart().StartsWith('#')))
        {
            // From the environment, or by the name of a file or secret.
            line.ShouldMatch(@"\$\{(POSTGRES|POSTGRES_WORKER|RABBITMQ)_PASSWORD:\?[^}]+\}|--worker-password-file, /run/secrets/|environment: POSTGRES_WORKER_PASSWORD$");
        }
    }

    [Fact]
    public void Variables_EveryRequiredOne_StandsInTheExample()
    {
        string example = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "ops", "docker", "env.example"));

        string[] required = [.. RequiredVariable().Matches(Text).Select(match => match.Groups[1].Value).Distinct()];

        required.ShouldNotBeEmpty();
        required.ShouldAllBe(name => Regex.IsMatch(example, $"(?m)^{name}=$"));
    }

    [Theory]
    [InlineData("rabbitmq")]
    [InlineData("postgres")]
    public void Ports_OfServers_AreBoundToLoopback(string service)
    {
        var ports = (List<object>)Service(service)["ports"].ShouldNotBeNull();

        ports.Cast<string>().ShouldAllBe(port => port.StartsWith("127.0.0.1:", StringComparison.Ordinal));
        _ = Service(service)["healthcheck"].ShouldNotBeNull();
    }

    [Fact]
    public void Worker_Start_WaitsForTheSchemaAndTheBroker()
    {
        Dictionary<string, object?> needs = Map(Service("worker")["depends_on"]);

        Map(needs["migrate"])["condition"].ShouldBe("service_completed_successfully");
        Map(needs["rabbitmq"])["condition"].ShouldBe("service_healthy");
    }

    private static Dictionary<string, object?> Service(string name) => Map(Map(Compose["services"])[name]);

    private static Dictionary<string, object?> Map(object? value) =>
        value.ShouldBeAssignableTo<IDictionary<object, object?>>().ShouldNotBeNull().ToDictionary(pair => (string)pair.Key, pair => pair.Value);

    [GeneratedRegex(@"\$\{([A-Z_]+):\?")]
    private static partial Regex RequiredVariable();
}
