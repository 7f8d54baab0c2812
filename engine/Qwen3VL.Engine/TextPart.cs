namespace Qwen3VL.Engine;

/// <summary>Untrusted text: what looks like a special token in it is read as plain characters.</summary>
/// <param name="Text">The text, verbatim.</param>
public sealed record TextPart(string Text) : PromptPart;
