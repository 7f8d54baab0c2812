using System.Globalization;

namespace Qwen3VL.Samples.Score;

/// <summary>Compares what was drawn with what was read. The thresholds are those that the README promises for the committed samples.</summary>
internal static class SampleScorer
{
    /// <summary>Most character errors of a whole document.</summary>
    public const double MaxCharacterErrorRate = 0.02;

    /// <summary>Least mean overlap of lines of text.</summary>
    public const double MinSpottingOverlap = 0.6;

    /// <summary>Least mean overlap of objects.</summary>
    public const double MinGroundingOverlap = 0.5;

    /// <summary>Most that a start or end may be off, in seconds: one frame pair at the default sampling rate.</summary>
    public const double MaxTimeErrorSeconds = 1;

    /// <summary>Scores one sample.</summary>
    public static IReadOnlyList<ScoreLine> Score(string sample, SampleTruth truth, JobReading reading)
    {
        var lines = new List<ScoreLine>();
        if (truth.Pages is not null)
        {
            AddPages(truth.Pages, reading.Pages, Add);
        }

        if (truth.Spotting is not null)
        {
            AddBoxes("spotting", truth.Spotting, [.. reading.Boxes["spotting"]], MinSpottingOverlap, Add);
        }

        if (truth.Grounding is not null)
        {
            AddBoxes("grounding", truth.Grounding, [.. reading.Boxes["grounding"]], MinGroundingOverlap, Add);
        }

        if (truth.Caption is not null)
        {
            Add("caption equals what was drawn", reading.Captions.GetValueOrDefault(1) == truth.Caption);
        }

        if (truth.Events is not null)
        {
            AddEvents(truth.Events, reading.Events, Add);
        }

        if (truth.Summary is not null)
        {
            Add("summary names all that was drawn, in order", reading.Summary == truth.Summary);
        }

        return lines;

        void Add(string what, bool? verdict) => lines.Add(new ScoreLine(sample, what, verdict));
    }

    private static void AddPages(IReadOnlyList<string> drawn, IReadOnlyDictionary<int, string> read, Action<string, bool?> add)
    {
        int errors = 0;
        for (int i = 0; i < drawn.Count; i++)
        {
            string text = read.GetValueOrDefault(i + 1, "");
            errors += EditDistance.Between(drawn[i], text);
            add($"page {i + 1}: character error rate {Number(EditDistance.CharacterErrorRate(drawn[i], text))}", null);
        }

        int length = drawn.Sum(page => page.Length);
        double rate = (double)errors / length;
        add($"document: {errors} errors in {length} characters, rate {Number(rate)}, at most {Number(MaxCharacterErrorRate)}", rate <= MaxCharacterErrorRate);
        add($"document: pages read {read.Count} of {drawn.Count}", read.Count == drawn.Count);
    }

    private static void AddBoxes(string task, IReadOnlyList<Box> drawn, IReadOnlyList<Box> found, double minOverlap, Action<string, bool?> add)
    {
        IReadOnlyList<BoxMatch> matches = BoxMatch.Pair(drawn, found);
        foreach (BoxMatch match in matches)
        {
            add($"{task}: \"{match.Drawn.Label}\" overlap {Number(match.IntersectionOverUnion)}", null);
        }

        double mean = matches.Average(match => match.IntersectionOverUnion);
        int labelled = matches.Count(match => match.Found?.Label == match.Drawn.Label);
        add($"{task}: mean overlap {Number(mean)}, at least {Number(minOverlap)}", mean >= minOverlap);
        add($"{task}: labels right {labelled} of {drawn.Count}, boxes found {found.Count}", labelled == drawn.Count && found.Count == drawn.Count);
    }

    private static void AddEvents(IReadOnlyList<TimedText> drawn, IReadOnlyList<TimedText> found, Action<string, bool?> add)
    {
        bool sameWords = drawn.Select(one => one.Text).SequenceEqual(found.Select(one => one.Text));
        add($"events: words and order right, found {found.Count} of {drawn.Count}", sameWords);
        double worst = 0;
        foreach ((TimedText expected, TimedText actual) in drawn.Zip(found))
        {
            double off = Math.Max(Math.Abs(expected.Start - actual.Start), Math.Abs(expected.End - actual.End));
            worst = Math.Max(worst, off);
            add($"events: \"{expected.Text}\" {Number(expected.Start)}..{Number(expected.End)} s, found {Number(actual.Start)}..{Number(actual.End)} s", null);
        }

        add($"events: worst time error {Number(worst)} s, at most {Number(MaxTimeErrorSeconds)} s", sameWords && worst <= MaxTimeErrorSeconds);
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
