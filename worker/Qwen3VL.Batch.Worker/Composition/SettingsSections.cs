namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Sections a command needs; only these are validated, so that <c>submit</c> runs without a model.</summary>
[Flags]
internal enum SettingsSections
{
    /// <summary>Section <c>Database</c>.</summary>
    Database = 1,

    /// <summary>Section <c>Broker</c>.</summary>
    Broker = 2,

    /// <summary>Section <c>Media</c>.</summary>
    Media = 4,

    /// <summary>Section <c>Planning</c>.</summary>
    Planning = 8,

    /// <summary>Section <c>Worker</c>.</summary>
    Worker = 16,

    /// <summary>Section <c>Engine</c>.</summary>
    Engine = 32,

    /// <summary>Everything a worker needs.</summary>
    All = Database | Broker | Media | Planning | Worker | Engine,
}
