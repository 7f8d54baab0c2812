namespace Qwen3VL.Engine.Tokenization;

/// <summary>A piece of a rendered chat, in order. Joining the texts gives exactly what the reference template renders.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The text; for media the three special tokens.</param>
/// <param name="MediaIndex">Which media part of the request it stands for, counted over the chat; -1 for text.</param>
public readonly record struct PromptSegment(PromptSegmentKind Kind, string Text, int MediaIndex = -1);
