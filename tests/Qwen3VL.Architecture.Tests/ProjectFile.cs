using System.Xml.Linq;

namespace Qwen3VL.Architecture.Tests;

/// <summary>What a csproj file says about others.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="References">Names of the projects it refers to.</param>
/// <param name="Packages">Names of the packages it refers to itself.</param>
/// <param name="PinsOwnVersions">Whether it sets a package version beside the central ones.</param>
internal sealed record ProjectFile(string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages, bool PinsOwnVersions)
{
    /// <summary>The project's name.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>Whether it is shipped: all but tests.</summary>
    public bool IsProduct => !Path.StartsWith("tests/", StringComparison.Ordinal);

    /// <summary>The projects among the files.</summary>
    public static IReadOnlyList<ProjectFile> ReadAll(IEnumerable<RepositoryFile> files) =>
        [.. files.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Read)];

    /// <summary>Reads one project.</summary>
    public static ProjectFile Read(RepositoryFile file)
    {
        XElement root = XDocument.Parse(file.Text).Root ?? throw new InvalidDataException($"{file.Path} must have a root element");
        XElement[] packages = [.. root.Descendants("PackageReference")];
        return new ProjectFile(
            file.Path,
            [.. Includes(root.Descendants("ProjectReference")).Select(path => System.IO.Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))],
            [.. Includes(packages)],
            packages.Any(package => package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null));
    }

    private static IEnumerable<string> Includes(IEnumerable<XElement> elements) =>
        elements.Select(element => (string?)element.Attribute("Include") ?? "");
}
