using System.Globalization;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>Formats the holes of a template invariantly and escapes what comes out.</summary>
internal sealed class EscapingFormatter : IFormatProvider, ICustomFormatter
{
    private EscapingFormatter()
    {
    }

    /// <summary>The only one; it holds nothing.</summary>
    public static EscapingFormatter Instance { get; } = new();

    /// <inheritdoc/>
    public object? GetFormat(Type? formatType) => formatType == typeof(ICustomFormatter) ? this : null;

    /// <inheritdoc/>
    public string Format(string? format, object? arg, IFormatProvider? formatProvider)
    {
        string text = arg is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : arg?.ToString() ?? "";
        return HtmlPage.Escape(text);
    }
}
