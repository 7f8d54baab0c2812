using System.CommandLine;
using System.Globalization;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>An option that takes a time: how long ago (<c>30m</c>, <c>12h</c>, <c>7d</c>), or one of ISO 8601, which is UTC unless it says otherwise.</summary>
internal sealed class TimeOption
{
    private static readonly string[] Formats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly Option<string?> _option;

    /// <summary>Creates it.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="description">What the time bounds; the forms are added.</param>
    public TimeOption(string name, string description)
    {
        _option = new Option<string?>(name) { Description = description + ": 30m, 12h or 7d ago, or a time like 2030-01-31T12:00, UTC", HelpName = "TIME" };
        _option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !TryRead(text, DateTimeOffset.UnixEpoch, out _))
            {
                result.AddError($"{name} must be like 30m, 12h, 7d or 2030-01-31T12:00; got {text}");
            }
        });
    }

    /// <summary>To add to a command.</summary>
    public Option Option => _option;

    /// <summary>Whether it was given.</summary>
    public bool IsGiven(ParseResult call) => call.GetValue(_option) is not null;

    /// <summary>The time that was given, in UTC; null: none.</summary>
    public DateTimeOffset? Value(ParseResult call, DateTimeOffset now) =>
        call.GetValue(_option) is { } text && TryRead(text, now, out DateTimeOffset time) ? time : null;

    /// <summary>Reads one of the forms. What would be before 1970 is 1970: nothing here is older.</summary>
    internal static bool TryRead(string text, DateTimeOffset now, out DateTimeOffset time)
    {
        double? seconds = text.Length == 0 ? null : text[^1] switch { 'm' => 60, 'h' => 3_600, 'd' => 86_400, _ => null };
        if (seconds is { } unit && text[..^1] is { Length: > 0 and <= 18 } digits && digits.All(char.IsAsciiDigit))
        {
            double back = long.Parse(digits, CultureInfo.InvariantCulture) * unit;
            time = back < (now - DateTimeOffset.UnixEpoch).TotalSeconds ? now - TimeSpan.FromSeconds(back) : DateTimeOffset.UnixEpoch;
            return true;
        }

        return DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}
