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
    /// <summary>Levels of nesting that are written; far beyond any schema, and far below what would exhaust the stack.</summary>
    public const int MaxDepth = 256;

    // Python's repr of a float leaves positional notation below 1e-4 and from 1e16 on.
    private const int MinPositionalExponent = -4;
    private const int MaxPositionalExponent = 15;

    /// <summary>Writes a value. Of equal keys the last value stands at the place of the first, as in a Python dict.</summary>
    /// <exception cref="ArgumentException">
    /// The value is undefined, is nested deeper than <see cref="MaxDepth"/>, or has a string with half a surrogate pair, which no UTF-8 text can hold.
    /// </exception>
    public static string Write(JsonElement value)
    {
        var builder = new StringBuilder();
        Write(value, builder, 0);
        return builder.ToString();
    }

    private static void Write(JsonElement value, StringBuilder builder, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ArgumentException($"JSON must be nested at most {MaxDepth} deep; got more", nameof(value));
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, builder, depth + 1);
                break;
            case JsonValueKind.Array:
                WriteArray(value, builder, depth + 1);
                break;
            case JsonValueKind.String:
                WriteString(ReadString(value), builder);
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

    private static void WriteObject(JsonElement value, StringBuilder builder, int depth)
    {
        var values = new OrderedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty property in value.EnumerateObject())
        {
            values[ReadName(property)] = property.Value;
        }

        string separator = "{";
        foreach ((string name, JsonElement item) in values)
        {
            builder.Append(separator);
            WriteString(name, builder);
            builder.Append(": ");
            Write(item, builder, depth);
            separator = ", ";
        }

        builder.Append(values.Count == 0 ? "{}" : "}");
    }

    private static void WriteArray(JsonElement value, StringBuilder builder, int depth)
    {
        builder.Append('[');
        string separator = "";
        foreach (JsonElement item in value.EnumerateArray())
        {
            builder.Append(separator);
            Write(item, builder, depth);
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

    private static string ReadString(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw new ArgumentException("JSON strings must be well-formed Unicode; got half a surrogate pair", nameof(value), exception);
        }
    }

    private static string ReadName(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw new ArgumentException("JSON keys must be well-formed Unicode; got half a surrogate pair", nameof(property), exception);
        }
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
