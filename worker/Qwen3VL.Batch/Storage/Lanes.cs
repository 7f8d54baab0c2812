using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Lanes of the hot list. A worker claims from its own lanes only. Interactive groups may use reserved slots, which bounds how long they wait;
/// suspects of a crash wait apart from everything else.
/// </summary>
internal static class Lanes
{
    /// <summary>Work that may wait: priorities 0 to 7.</summary>
    public const short Bulk = 0;

    /// <summary>Work that somebody waits for: priorities 8 and 9.</summary>
    public const short Interactive = 1;

    /// <summary>Single chunks whose workers died.</summary>
    public const short Quarantine = 2;

    /// <summary>
    /// The lowest priority of the interactive lane. Two priorities, so that what is urgent can still be told from what is most urgent there.
    /// </summary>
    public const int LowestInteractivePriority = 8;

    private static readonly string[] Names = ["bulk", "interactive", "quarantine"];

    /// <summary>The lane of a new group.</summary>
    public static short OfPriority(int priority) => priority >= LowestInteractivePriority ? Interactive : Bulk;

    /// <summary>A lane's name; a lane of another version by its number.</summary>
    public static string Name(short lane) =>
        lane >= 0 && lane < Names.Length ? Names[lane] : lane.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads names with commas between them, for example <c>bulk,interactive</c>.</summary>
    /// <returns>False when a name is unknown or said twice, or when there is none.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out short[]? lanes)
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        short[] found = [.. names.Select(name => (short)Array.IndexOf(Names, name))];
        lanes = found.Length > 0 && !found.Contains((short)-1) && found.Distinct().Count() == found.Length ? found : null;
        return lanes is not null;
    }
}
