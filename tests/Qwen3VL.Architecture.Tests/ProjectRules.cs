using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Rules about projects and packages. Each returns one line for every offender.</summary>
internal static partial class ProjectRules
{
    private const int FirstPaidMassTransit = 9;

    /// <summary>Which product project may refer to which: the layout of the architecture, arrow by arrow.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Qwen3VL.Batch.Contracts"] = [],
        ["Qwen3VL.Engine"] = [],
        ["Qwen3VL.Engine.Cpu"] = ["Qwen3VL.Engine"],
        ["Qwen3VL.Batch.Migrations"] = [],
        ["Qwen3VL.Batch"] = ["Qwen3VL.Engine", "Qwen3VL.Batch.Contracts"],
        ["Qwen3VL.Batch.Worker"] =
            ["Qwen3VL.Batch", "Qwen3VL.Batch.Contracts", "Qwen3VL.Engine", "Qwen3VL.Engine.Cpu", "Qwen3VL.Batch.Migrations"],
    };

    // Test projects that others may build on.
    private static readonly string[] SharedTestProjects = ["Qwen3VL.TestKit", "Qwen3VL.Engine.Contract", "Qwen3VL.Conformance", "Qwen3VL.Samples.Score", "Qwen3VL.Batch.Faults", "Qwen3VL.Batch.FaultWorker"];

    /// <summary>Product projects follow the table; tests may refer to any product project, but only to shared test projects.</summary>
    public static IReadOnlyList<string> ForbiddenArrows(IReadOnlyList<ProjectFile> projects)
    {
        var offenders = new List<string>();
        foreach (ProjectFile project in projects)
        {
            string[] allowed = project.IsProduct ? Arrows.GetValueOrDefault(project.Name, []) : [.. Arrows.Keys, .. SharedTestProjects];
            if (project.IsProduct && !Arrows.ContainsKey(project.Name))
            {
                offenders.Add($"{project.Path} must be a project of the architecture's table; got {project.Name}");
            }

            offenders.AddRange(project.References.Except(allowed)
                .Select(reference => $"{project.Path} must refer to [{string.Join(", ", allowed)}] at most; got {reference}"));
        }

        return offenders;
    }

    /// <summary>The engine uses the base class library alone; contracts are plain records; nobody leaves the central versions.</summary>
    public static IReadOnlyList<string> ForbiddenPackages(IReadOnlyList<ProjectFile> projects) =>
    [
        .. projects
            .Where(project => project.Path.StartsWith("engine/", StringComparison.Ordinal) || project.Path.StartsWith("contracts/", StringComparison.Ordinal))
            .SelectMany(project => project.Packages.Select(package => $"{project.Path} must refer to no package; got {package}")),
        .. projects
            .Where(project => project.PinsOwnVersions)
            .Select(project => $"{project.Path} must leave versions to Directory.Packages.props; got its own"),
    ];

    /// <summary>Every project's common packages are analyzers that do not ship.</summary>
    public static IReadOnlyList<string> CommonPackagesThatShip(RepositoryFile buildProps) =>
        [.. XDocument.Parse(buildProps.Text).Descendants("PackageReference")
            .Where(package => (string?)package.Attribute("PrivateAssets") != "all")
            .Select(package => $"{buildProps.Path} must hold private packages only; got {(string?)package.Attribute("Include")}")];

    /// <summary>Each MassTransit package has an upper bound at or below 9.0.0, exclusive: version 9 needs a paid licence.</summary>
    public static IReadOnlyList<string> UnboundedMassTransit(RepositoryFile packagesProps)
    {
        var versions = XDocument.Parse(packagesProps.Text).Descendants("PackageVersion")
            .Select(package => (Id: (string?)package.Attribute("Include") ?? "", Version: (string?)package.Attribute("Version") ?? ""))
            .Where(package => package.Id.StartsWith("MassTransit", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return versions.Length == 0
            ? [$"{packagesProps.Path} must pin MassTransit; got no such package"]
            : [.. versions.Where(package => !IsBounded(package.Version))
                .Select(package => $"{packagesProps.Path} must keep {package.Id} below {FirstPaidMassTransit}; got {package.Version}")];
    }

    private static bool IsBounded(string version)
    {
        Match range = ExclusiveRange().Match(version);
        return range.Success && (Number(range, "major") < FirstPaidMassTransit
            || (Number(range, "major") == FirstPaidMassTransit && range.Groups["rest"].Value.All(unit => unit is '0' or '.')));
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^[\[(][\d.]*,\s*(?<major>\d+)(?<rest>[\d.]*)\)$")]
    private static partial Regex ExclusiveRange();
}
