namespace Qwen3VL.Engine;

/// <summary>Why a generation ended.</summary>
public enum FinishReason
{
    /// <summary>The model ended its turn, or a stop string appeared.</summary>
    Stop,

    /// <summary>The output limit or the context length was reached; the text may be cut.</summary>
    Length,

    /// <summary>The caller aborted it; the text is what existed then.</summary>
    Aborted,
}
