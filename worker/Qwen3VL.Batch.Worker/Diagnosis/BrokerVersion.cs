using System.Text;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>The version of RabbitMQ, as the broker says it when it greets.</summary>
internal static class BrokerVersion
{
    /// <summary>Reads it; null when the broker says nothing.</summary>
    public static string? Of(IConnection broker)
    {
        object? value = null;
        return broker.ServerProperties?.TryGetValue("version", out value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;
    }

    /// <summary>Whether it is at least this one; an unknown version may be a new one. What follows a '-' is the name of a release to come.</summary>
    public static bool IsAtLeast(string? version, int major, int minor) =>
        !Version.TryParse(version?.Split('-')[0], out Version? known) || known >= new Version(major, minor);
}
