using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// JSON as Python's <c>json.dumps(value, ensure_ascii=False)</c> writes it, which is what the chat templates were trained on: separators
/// <c>, </c> and <c>: </c>, keys in their order, numbers in Python's shortest form, nothing escaped beyond quote, backslash and controls.
/// </summary>
internal static class PythonJson
{
    // Python's repr of a float leaves positional notation below 1e-4 and from 1e16 on.
    private const int MinPositionalExponent = -4;
    private const int MaxPositionalExponent = 15;

    /// <summary>Writes a value. Of equal keys the last value stands at the place of the first, as in a Python dict.</summary>
    public static string Write(JsonElement value)
    {
        var builder = new StringBuilder();
        Write(value, builder);
        return builder.ToString();
    }

    private static void Write(JsonElement value, StringBuilder builder)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, builder);
                break;
            case JsonValueKind.Array:
                WriteArray(value, builder);
                break;
            case JsonValueKind.String:
                WriteString(value.GetString() ?? "", builder);
                break;
            case JsonValueKind.Number:
                builder.Append(FormatNumber(value.GetRawText()));
                break;
            case JsonValueKind.True:
                builder.Append("true");
                break;
            case JsonValueKind.False:
                builder.Append("false");
                break;
            case JsonValueKind.Null:
                builder.Append("null");
                break;
            default:
                throw new ArgumentException($"value must be JSON; got {value.ValueKind}", nameof(value));
        }
    }

    private static void WriteObject(JsonElement value, StringBuilder builder)
    {
        var values = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            values[property.Name] = property.Value;
        }

        string separator = "{";
        foreach ((string name, JsonElement item) in values)
        {
            builder.Append(separator);
            WriteString(name, builder);
            builder.Append(": ");
            Write(item, builder);
            separator = ", ";
        }

        builder.Append(values.Count == 0 ? "{}" : "}");
    }

    private static void WriteArray(JsonElement value, StringBuilder builder)
    {
        builder.Append('[');
        string separator = "";
        foreach (JsonElement item in value.EnumerateArray())
        {
            builder.Append(separator);
            Write(item, builder);
            separator = ", ";
        }

        builder.Append(']');
    }

    private static void WriteString(string value, StringBuilder builder)
    {
        builder.Append('"');
        foreach (char unit in value)
        {
            _ = unit switch
            {
                '"' => builder.Append("\\\""),
                '\\' => builder.Append("\\\\"),
                '\n' => builder.Append("\\n"),
                '\r' => builder.Append("\\r"),
                '\t' => builder.Append("\\t"),
                '\b' => builder.Append("\\b"),
                '\f' => builder.Append("\\f"),
                < ' ' => builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                _ => builder.Append(unit),
            };
        }

        builder.Append('"');
    }

    private static string FormatNumber(string raw)
    {
        if (!raw.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return raw == "-0" ? "0" : raw;
        }

        double value = double.Parse(raw, NumberStyles.Float, CultureInfo.InvariantCulture);
        string sign = double.IsNegative(value) ? "-" : "";
        if (double.IsInfinity(value))
        {
            return sign + "Infinity";
        }

        return sign + (value == 0 ? "0.0" : FormatPositive(Math.Abs(value)));
    }

    private static string FormatPositive(double value)
    {
        // "R" is the shortest text that reads back equal, as Python's; only the layout differs.
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E');
        string mantissa = mark < 0 ? shortest : shortest[..mark];
        int point = mantissa.IndexOf('.');
        int exponent = (point < 0 ? mantissa.Length : point) - 1;
        exponent += mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string allDigits = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = allDigits.TrimStart('0');
        exponent -= allDigits.Length - digits.Length;
        digits = digits.TrimEnd('0');
        return exponent is >= MinPositionalExponent and <= MaxPositionalExponent
            ? Positional(digits, exponent)
            : Scientific(digits, exponent);
    }

    private static string Positional(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        string whole = digits.PadRight(exponent + 1, '0');
        return whole[..(exponent + 1)] + "." + (whole.Length == exponent + 1 ? "0" : whole[(exponent + 1)..]);
    }

    private static string Scientific(string digits, int exponent)
    {
        string fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }
}
