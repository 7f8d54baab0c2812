namespace Qwen3VL.TestKit.Servers;

/// <summary>How a server process is started.</summary>
/// <param name="LogFile">Gets what the process prints.</param>
/// <param name="Command">Program and arguments.</param>
public sealed record ServerLaunch(string LogFile, IReadOnlyList<string> Command)
{
    /// <summary>Added to the environment of this process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
