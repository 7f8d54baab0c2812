namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Every scenario there is.</summary>
internal static class Catalogue
{
    /// <summary>In the order of the list of faults.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        .. WorkerDeaths.All,
        .. NetworkFaults.All,
        .. ServerFaults.All,
        .. Zombies.All,
        .. Commands.All,
        .. Poison.All,
        .. Replays.All,
        .. Drains.All,
        .. Cancels.All,
        .. DatabaseTrouble.All,
        .. BrokerTrouble.All,
        .. EngineTrouble.All,
        .. Fleet.All,
        .. NegativeControls.All,
    ];

    /// <summary>Those of a tier, or those named: by whole id or by what stands before its dash.</summary>
    /// <exception cref="ArgumentException">A name is of none.</exception>
    public static IReadOnlyList<Scenario> Select(Tier tier, IReadOnlyList<string> only)
    {
        string? unknown = only.FirstOrDefault(name => !All.Any(scenario => Matches(scenario, name)));
        if (unknown is not null)
        {
            throw new ArgumentException($"--only must name scenarios of 'list'; got {unknown}");
        }

        return [.. All.Where(scenario => only.Count > 0 ? only.Any(name => Matches(scenario, name)) : scenario.Tier <= tier)];
    }

    private static bool Matches(Scenario scenario, string name) => scenario.Id == name || scenario.Id.Split('-')[0] == name;
}
