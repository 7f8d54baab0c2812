using System.Diagnostics;
using Qwen3VL.Conformance.Reports;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Runs one folder and reports it.</summary>
internal static class FolderRun
{
    /// <summary>Runs every golden of a folder, and names the files that no golden is read from.</summary>
    public static FolderReport Run(GoldenFolder folder, ProgressLine progress)
    {
        long start = Stopwatch.GetTimestamp();
        var cases = new CaseRunner(progress, folder.IsSkipped);
        cases.Outside(folder.Name, _ =>
        {
            NoteUnknown(folder, cases);
            folder.Run(cases);
        });
        if (cases.Cases.Count == 0 && !cases.HasSkipped)
        {
            cases.Case(folder.Name, check => check.Fail("the folder must hold goldens; got none"));
        }

        return new FolderReport(folder.Name, cases.Cases, cases.Notes, Stopwatch.GetElapsedTime(start));
    }

    private static void NoteUnknown(GoldenFolder folder, CaseRunner cases)
    {
        string[] unknown = [.. Directory.EnumerateFiles(folder.Path)
            .Select(file => Path.GetFileName(file))
            .Where(file => !folder.IsKnown(file))
            .Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
        {
            cases.Note($"no goldens are read from {string.Join(", ", unknown)}");
        }
    }
}
