namespace Qwen3VL.Engine;

/// <summary>One part of a message, in the order the model reads them.</summary>
public abstract record PromptPart
{
    private protected PromptPart()
    {
    }
}
