using System.Globalization;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// The rule of numbers within bounds, by comparing digit by digit: a number is tight to a bound while its digits equal the bound's. Bounded
/// numbers are written without exponent. Used once.
/// </summary>
/// <param name="grammar">Where the rule goes.</param>
/// <param name="isInteger">Whether no point is written.</param>
internal sealed class DecimalRule(GrammarBuilder grammar, bool isInteger)
{
    /// <summary>Bounds must be below it: 18 digits before the point.</summary>
    public const decimal Limit = 1_000_000_000_000_000_000m;

    private const int MaxIntegerDigits = 18;

    // Those of binary64.
    private const int ExactDigits = 15;
    private const decimal ExactLimit = 1_000_000_000_000_000m;
    private const int MaxFractionDigits = 17;

    private int _maxFractionDigits = MaxFractionDigits;

    /// <summary>
    /// Whether a number that is not whole can be kept apart from what readers that hold numbers as binary64 take it for: decimals of so many
    /// digits are different numbers there, too.
    /// </summary>
    public static bool CanBeExcluded(decimal bound) => SignificantDigits(bound) <= ExactDigits && Math.Abs(bound) < ExactLimit;

    /// <summary>Adds the rule; it accepts nothing when no number is within the bounds.</summary>
    /// <param name="min">Lowest; null has none.</param>
    /// <param name="aboveMin">Whether the lowest itself is excluded, see <see cref="CanBeExcluded"/>.</param>
    /// <param name="max">Highest; null has none.</param>
    /// <param name="belowMax">Whether the highest itself is excluded.</param>
    public int Add(decimal? min, bool aboveMin, decimal? max, bool belowMax)
    {
        // 0.29999999999999999 is below 0.3, and read as the same number. What has more digits before the point is far from the bound.
        _maxFractionDigits = Math.Min(RoomBehind(aboveMin ? min : null), RoomBehind(belowMax ? max : null));
        int start = grammar.NewState();
        if (max is null or >= 0)
        {
            Magnitudes(start, Math.Max(min ?? 0, 0), aboveMin && min >= 0, max, belowMax);
        }

        if (min is null or < 0)
        {
            int minus = grammar.NewState();
            grammar.Step(start, '-', minus);
            Magnitudes(minus, Math.Max(-(max ?? 0), 0), belowMax && max <= 0, -min, aboveMin);
        }

        return start;
    }

    /// <summary>Adds the numbers without sign between two bounds; no upper one when null.</summary>
    private void Magnitudes(int start, decimal low, bool aboveLow, decimal? high, bool belowHigh)
    {
        if (isInteger)
        {
            low = aboveLow ? decimal.Floor(low) + 1 : decimal.Ceiling(low);
            high = high is { } bound ? (belowHigh ? decimal.Ceiling(bound) - 1 : decimal.Floor(bound)) : null;
            aboveLow = belowHigh = false;
        }

        if (high < low)
        {
            return;
        }

        var bounds = new DigitBounds(new Bound(low, aboveLow), high is { } most ? new Bound(most, belowHigh) : null);
        for (int length = bounds.Low.Integer.Length; length <= (bounds.High?.Integer.Length ?? MaxIntegerDigits); length++)
        {
            bool tightLow = length == bounds.Low.Integer.Length;
            bool tightHigh = length == bounds.High?.Integer.Length;
            IntegerDigits(start, length, 0, tightLow, tightHigh, bounds);
        }
    }

    /// <summary>Adds digit <paramref name="place"/> of a whole part of <paramref name="length"/> digits and all that follow.</summary>
    private void IntegerDigits(int from, int length, int place, bool tightLow, bool tightHigh, DigitBounds bounds)
    {
        if (place == length)
        {
            End(from, 0, tightLow, tightHigh, bounds);
            return;
        }

        int lowest = place == 0 && length > 1 ? 1 : 0;
        Digits(
            from,
            (tightLow ? Math.Max(lowest, bounds.Low.Integer[place] - '0') : lowest, tightLow ? bounds.Low.Integer[place] - '0' : -1),
            bounds.High is { } high && tightHigh ? high.Integer[place] - '0' : -1,
            bounds.Integers,
            (length - place, tightLow, tightHigh, tightLow || tightHigh ? length : 0),
            (next, stillLow, stillHigh) => IntegerDigits(next, length, place + 1, stillLow, stillHigh, bounds));
    }

    /// <summary>Lets the number end where that keeps the bounds, and adds what may follow.</summary>
    private void End(int from, int place, bool tightLow, bool tightHigh, DigitBounds bounds)
    {
        bool isAbove = !tightLow || (place >= bounds.Low.Fraction.Length && !bounds.Low.IsExcluded);
        bool isBelow = !tightHigh || bounds.High is not { } high || place < high.Fraction.Length || !high.IsExcluded;
        if (isAbove && isBelow)
        {
            grammar.Accept(from);
        }

        if (isInteger || place == _maxFractionDigits)
        {
            return;
        }

        int digits = from;
        if (place == 0)
        {
            digits = grammar.NewState();
            grammar.Step(from, '.', digits);
        }

        int low = tightLow ? DigitAt(bounds.Low.Fraction, place) : -1;
        int most = bounds.High is { } upper && tightHigh ? DigitAt(upper.Fraction, place) : -1;
        Digits(
            digits,
            (Math.Max(low, 0), low),
            most,
            bounds.Fractions,
            (place, tightLow, tightHigh, 0),
            (next, stillLow, stillHigh) => End(next, place + 1, stillLow, stillHigh, bounds));
    }

    /// <summary>Adds one digit: the bounds' own digits stay tight, those between become free.</summary>
    private void Digits(
        int from,
        (int Lowest, int Tight) low,
        int tightHigh,
        Dictionary<(int, bool, bool, int), int> known,
        (int Place, bool Low, bool High, int Length) key,
        Action<int, bool, bool> follow)
    {
        int highest = tightHigh >= 0 ? tightHigh : 9;
        for (int digit = low.Lowest; digit <= highest; digit++)
        {
            bool stillLow = digit == low.Tight;
            bool stillHigh = digit == tightHigh;
            int end = digit;
            while (!stillLow && !stillHigh && end < highest && end + 1 != tightHigh)
            {
                end++;
            }

            (int, bool, bool, int) target = (key.Place, stillLow, stillHigh, stillLow || stillHigh ? key.Length : 0);
            bool isKnown = known.TryGetValue(target, out int next);
            if (!isKnown)
            {
                next = grammar.NewState();
                known.Add(target, next);
            }

            grammar.Step(from, (byte)('0' + digit), (byte)('0' + end), next);
            if (!isKnown)
            {
                follow(next, stillLow, stillHigh);
            }

            digit = end;
        }
    }

    private static int RoomBehind(decimal? excluded) =>
        excluded is { } bound ? Math.Max(0, ExactDigits - new Bound(Math.Abs(bound), true).Integer.Length) : MaxFractionDigits;

    private static int SignificantDigits(decimal value) =>
        new Bound(Math.Abs(value), true) is var digits ? (digits.Integer + digits.Fraction).TrimStart('0').TrimEnd('0').Length : 0;

    private static int DigitAt(string digits, int place) => place < digits.Length ? digits[place] - '0' : 0;

    /// <summary>Both bounds and the states that stand for what follows a digit, by place and by which bounds are still tight.</summary>
    private sealed class DigitBounds(Bound low, Bound? high)
    {
        public Bound Low => low;

        public Bound? High => high;

        public Dictionary<(int, bool, bool, int), int> Integers { get; } = [];

        public Dictionary<(int, bool, bool, int), int> Fractions { get; } = [];
    }

    /// <summary>The digits of a bound.</summary>
    private sealed class Bound(decimal value, bool isExcluded)
    {
        private readonly string[] _parts = value.ToString("0.############################", CultureInfo.InvariantCulture).Split('.');

        public string Integer => _parts[0];

        public string Fraction => _parts.Length > 1 ? _parts[1] : "";

        public bool IsExcluded => isExcluded;
    }
}
