using System.Globalization;

namespace Qwen3VL.Batch.Storage;

/// <summary>Whether the big tables have the months that will be needed.</summary>
/// <param name="Count">Whole months after this one, without a gap, that every table has; -1 when this one is missing.</param>
/// <param name="NextMissing">First day of the first month that is missing somewhere.</param>
internal sealed record MonthsAhead(int Count, DateOnly NextMissing)
{
    // Fewer means that no sweep has made any for weeks.
    private const int Least = 1;

    /// <summary>Enough for now.</summary>
    public bool Enough => Count >= Least;

    /// <summary>The same for people.</summary>
    public string Message => string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Max(Count, 0)} months ahead, next missing {NextMissing:yyyy-MM}{(Enough ? "" : ": too few; run qwen3vl-batch partitions ensure")}");

    /// <summary>Counts from the list of months.</summary>
    public static MonthsAhead Of(IReadOnlyList<PartitionMonth> months, DateTimeOffset now)
    {
        HashSet<DateOnly> whole = [.. months.Where(month => month.Missing.Count == 0).Select(month => month.Month)];
        DateOnly month = new(now.UtcDateTime.Year, now.UtcDateTime.Month, 1);
        int count = -1;
        while (whole.Contains(month))
        {
            count++;
            month = month.AddMonths(1);
        }

        return new MonthsAhead(count, month);
    }
}
