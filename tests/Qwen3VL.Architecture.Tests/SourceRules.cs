using System.Text.RegularExpressions;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Rules about single files. Each returns one line for every offender: its path, what must hold, what it has.</summary>
internal static partial class SourceRules
{
    private const int MaxLines = 500;
    private const string UnsafeFolder = "engine/Qwen3VL.Engine.Cpu/";

    /// <summary>No C# file is longer than 500 lines.</summary>
    public static IReadOnlyList<string> FilesTooLong(IEnumerable<RepositoryFile> files) =>
        [.. CSharp(files)
            .Select(file => (file.Path, Lines: file.Text.TrimEnd('\n').Count(unit => unit == '\n') + 1))
            .Where(file => file.Lines > MaxLines)
            .Select(file => $"{file.Path} must have at most {MaxLines} lines; got {file.Lines}")];

    /// <summary>A C# file declares one top-level type, and is called after it: <c>Type.cs</c>, or <c>Type.Duty.cs</c> for a part of one.</summary>
    public static IReadOnlyList<string> FilesNotOfOneType(IEnumerable<RepositoryFile> files)
    {
        var offenders = new List<string>();
        foreach (RepositoryFile file in CSharp(files))
        {
            string[] types = [.. TopLevelType().Matches(CSharpText.CodeOnly(file.Text)).Select(match => match.Groups["name"].Value)];
            string name = file.Name.Split('.')[0];
            bool isEntryPoint = types.Length == 0 && file.Name == "Program.cs";
            if (!isEntryPoint && types is not [var only] || types is [var other] && other != name)
            {
                offenders.Add($"{file.Path} must declare exactly one top-level type, {name}; got [{string.Join(", ", types)}]");
            }
        }

        return offenders;
    }

    /// <summary>The keyword <c>unsafe</c> and the switch that allows it stand in the CPU backend alone.</summary>
    public static IReadOnlyList<string> UnsafeOutsideCpu(IEnumerable<RepositoryFile> files)
    {
        IEnumerable<RepositoryFile> outside = files.Where(file => !file.Path.StartsWith(UnsafeFolder, StringComparison.Ordinal)).ToArray();
        IEnumerable<string> code = CSharp(outside)
            .Where(file => UnsafeKeyword().IsMatch(CSharpText.CodeOnly(file.Text)))
            .Select(file => $"{file.Path} must not use unsafe code, which belongs to {UnsafeFolder}; got the keyword");
        IEnumerable<string> switches = outside
            .Where(file => file.Path.EndsWith("proj", StringComparison.Ordinal) || file.Path.EndsWith(".props", StringComparison.Ordinal))
            .Where(file => file.Text.Contains("<AllowUnsafeBlocks>true", StringComparison.OrdinalIgnoreCase))
            .Select(file => $"{file.Path} must not allow unsafe code, which belongs to {UnsafeFolder}; got AllowUnsafeBlocks");
        return [.. code, .. switches];
    }

    /// <summary>No text file names a folder of the machine that it was written on.</summary>
    public static IReadOnlyList<string> MachinePaths(IEnumerable<RepositoryFile> files) =>
        [.. from file in files
            from line in file.Text.Split('\n').Select((text, index) => (Text: text, Number: index + 1))
            let match = MachinePath().Match(line.Text)
            where match.Success
            select $"{file.Path}:{line.Number} must not name a folder of one machine; got {match.Value}"];

    private static IEnumerable<RepositoryFile> CSharp(IEnumerable<RepositoryFile> files) =>
        files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    // Namespaces are file-scoped, so a top-level type begins in the first column.
    [GeneratedRegex(
        @"^(?:(?:public|internal|file|abstract|sealed|static|readonly|ref|partial|unsafe) )*(?:class|struct|interface|enum|record(?: class| struct)?|delegate [\w<>\[\]?., ]+?) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeKeyword();

    // A path that begins here (what stands before is no part of a longer one). The classes keep the rule from finding itself.
    [GeneratedRegex(@"(?<![\w.\-}~*)])(?:/(?:[w]ork|[r]oot)/|/[h]ome/\w+/|[A-Z]:\\[U]sers\\)")]
    private static partial Regex MachinePath();
}
