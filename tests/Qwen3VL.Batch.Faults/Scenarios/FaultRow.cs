namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>One fault of the design's list, and how far it is forced here.</summary>
/// <param name="Id"><c>F1</c> to <c>F38</c>.</param>
/// <param name="Fault">What breaks.</param>
/// <param name="Limit">What of it cannot be forced here, and why; empty when all of it is.</param>
internal sealed record FaultRow(string Id, string Fault, string Limit = "")
{
    /// <summary>Scenarios that force it; empty when none does.</summary>
    public IReadOnlyList<Scenario> Scenarios => [.. Catalogue.All.Where(scenario => scenario.Id.Split('-')[0] == Id)];

    /// <summary>Smallest tier that forces it; null when none does.</summary>
    public Tier? Tier => Scenarios.Count == 0 ? null : Scenarios.Min(scenario => scenario.Tier);

    /// <summary>Why none of it can run on this machine; null when it can.</summary>
    public string? Unavailable => Scenarios.Select(scenario => scenario.Unavailable()).FirstOrDefault(why => why is not null);
}
