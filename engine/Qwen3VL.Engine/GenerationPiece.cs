namespace Qwen3VL.Engine;

/// <summary>A part of an answer as it is produced.</summary>
/// <param name="Text">Whole characters; may be empty while a character, a stop string or the reasoning is not complete.</param>
/// <param name="LogProbabilities">
/// Of the tokens accepted since the piece before, reasoning and end token included; empty unless the request asks for them.
/// </param>
public readonly record struct GenerationPiece(string Text, IReadOnlyList<TokenLogProbability> LogProbabilities);
