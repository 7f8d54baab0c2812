using System.Net;
using System.Text;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>
/// Builds HTML so that text cannot become markup: <see cref="Text"/> escapes, and markup comes only from interpolated templates whose holes
/// are escaped by <see cref="Markup"/>.
/// </summary>
internal sealed class HtmlPage
{
    private readonly StringBuilder _html = new();

    /// <summary>Appends a template; every hole is escaped, so only the literal parts are markup.</summary>
    public HtmlPage Markup(FormattableString template)
    {
        _html.AppendFormat(EscapingFormatter.Instance, template.Format, template.GetArguments());
        return this;
    }

    /// <summary>Appends a constant of the program as it is.</summary>
    public HtmlPage Constant(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Appends text, escaped.</summary>
    public HtmlPage Text(string text)
    {
        _html.Append(Escape(text));
        return this;
    }

    /// <summary>The whole.</summary>
    public override string ToString() => _html.ToString();

    /// <summary>Text as HTML text or attribute value.</summary>
    internal static string Escape(string text) => WebUtility.HtmlEncode(SafeText.Lines(text));
}
