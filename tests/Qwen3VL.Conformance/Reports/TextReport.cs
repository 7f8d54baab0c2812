using System.Globalization;

namespace Qwen3VL.Conformance.Reports;

/// <summary>The report as text: one line of fixed width a folder, notes, and the sum.</summary>
internal sealed class TextReport(TextWriter output, int nameWidth, bool verbose)
{
    private const int MismatchWidth = 160;
    private readonly int _nameWidth = Math.Max(nameWidth, "folder".Length);

    /// <summary>Prints the column heads.</summary>
    public void Head() => output.WriteLine(Line("folder", "cases", "passed", "max logit diff", "max logprob diff", "first mismatch"));

    /// <summary>Prints a folder's line, and with <c>--verbose</c> its cases.</summary>
    public void Folder(FolderReport report)
    {
        output.WriteLine(Line(
            report.Folder,
            report.Cases.Count.ToString(CultureInfo.InvariantCulture),
            report.Passed.ToString(CultureInfo.InvariantCulture),
            Difference(report.LogitDifference),
            Difference(report.LogProbabilityDifference),
            Cut(report.FirstMismatch ?? "-")));
        if (verbose)
        {
            foreach (CaseReport one in report.Cases)
            {
                output.WriteLine($"  {(one.Mismatch is null ? "ok  " : "FAIL")} {report.Folder}/{one.Name}"
                    + $"  logit {Difference(one.LogitDifference)}  logprob {Difference(one.LogProbabilityDifference)}  other {Difference(one.FeatureDifference)}"
                    + (one.Mismatch is null ? "" : $"\n       {OneLine(one.Mismatch)}"));
            }

            output.WriteLine($"  {report.Elapsed.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture)} s");
        }

        output.Flush();
    }

    /// <summary>Prints the notes and the sum.</summary>
    public void End(IReadOnlyList<FolderReport> reports, IReadOnlyList<string> notes)
    {
        foreach (string note in notes.Concat(reports.SelectMany(report => report.Notes.Select(note => $"{report.Folder}: {note}"))))
        {
            output.WriteLine($"note: {note}");
        }

        int cases = reports.Sum(report => report.Cases.Count);
        int failed = reports.Sum(report => report.Failed);
        output.WriteLine($"{cases} cases, {cases - failed} passed, {failed} failed");
    }

    private string Line(string folder, string cases, string passed, string logit, string logProbability, string mismatch) =>
        $"{folder.PadRight(_nameWidth)}  {cases,6}  {passed,6}  {logit,14}  {logProbability,16}  {mismatch}";

    private static string Difference(double? value) => value?.ToString("0.0e+00", CultureInfo.InvariantCulture) ?? "-";

    private static string Cut(string text)
    {
        string line = OneLine(text);
        return line.Length > MismatchWidth ? line[..(MismatchWidth - 3)] + "..." : line;
    }

    private static string OneLine(string text) => string.Concat(text.Select(unit => char.IsControl(unit) ? ' ' : unit));
}
