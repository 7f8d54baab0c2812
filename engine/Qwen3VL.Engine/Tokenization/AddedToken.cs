namespace Qwen3VL.Engine.Tokenization;

/// <summary>A token that is matched as a whole, before any other splitting.</summary>
/// <param name="Id">Its checkpoint id.</param>
/// <param name="Content">What it looks like in text.</param>
/// <param name="IsSpecial">Whether decoding may drop it; <c>&lt;think&gt;</c> is added but not special.</param>
internal readonly record struct AddedToken(int Id, string Content, bool IsSpecial);
