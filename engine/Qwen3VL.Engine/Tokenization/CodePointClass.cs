namespace Qwen3VL.Engine.Tokenization;

/// <summary>What the split expression takes a code point for.</summary>
internal enum CodePointClass : byte
{
    /// <summary>None of the others, unassigned code points among them.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary>Carriage return or line feed.</summary>
    LineBreak,

    /// <summary>Any other <c>\s</c>: the Unicode property White_Space.</summary>
    Space,
}
