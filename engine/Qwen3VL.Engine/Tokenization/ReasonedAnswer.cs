namespace Qwen3VL.Engine.Tokenization;

/// <summary>The output of a Thinking model, in its two parts.</summary>
/// <param name="Reasoning">What it thought, without outer line breaks.</param>
/// <param name="Answer">What it answered, without leading line breaks; empty when the reasoning was cut.</param>
/// <param name="IsReasoningComplete">False when the output ended while still thinking: then there is no answer.</param>
internal readonly record struct ReasonedAnswer(string Reasoning, string Answer, bool IsReasoningComplete);
