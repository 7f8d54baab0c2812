using System.Text.Json;

namespace Qwen3VL.Conformance.Reports;

/// <summary>The report as JSON: sums, every folder, every case.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Writes it.</summary>
    public static string Write(IReadOnlyList<FolderReport> reports, IReadOnlyList<string> notes) => JsonSerializer.Serialize(
        new
        {
            Cases = reports.Sum(report => report.Cases.Count),
            Passed = reports.Sum(report => report.Passed),
            Failed = reports.Sum(report => report.Failed),
            Notes = notes,
            Folders = reports.Select(report => new
            {
                report.Folder,
                Cases = report.Cases.Count,
                report.Passed,
                report.Failed,
                LargestLogitDifference = Finite(report.LogitDifference),
                LargestLogProbabilityDifference = Finite(report.LogProbabilityDifference),
                report.FirstMismatch,
                Seconds = report.Elapsed.TotalSeconds,
                report.Notes,
                Results = report.Cases.Select(one => new
                {
                    one.Name,
                    Passed = one.Mismatch is null,
                    one.Mismatch,
                    LogitDifference = Finite(one.LogitDifference),
                    LogProbabilityDifference = Finite(one.LogProbabilityDifference),
                    FeatureDifference = Finite(one.FeatureDifference),
                }),
            }),
        },
        Options);

    // JSON has no infinity: what is no number is null, as what was not compared; its case has a mismatch.
    private static double? Finite(double? value) => value is double number && double.IsFinite(number) ? number : null;
}
