namespace Qwen3VL.Engine.Tokenization;

/// <summary>One item of a message.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; null when it has none, as an item of unknown type.</param>
internal readonly record struct TemplateItem(TemplateItemKind Kind, string? Text = null);
