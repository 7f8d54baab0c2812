namespace Qwen3VL.Engine;

/// <summary>Who speaks in a chat message.</summary>
public enum ChatRole
{
    /// <summary>Instructions for the whole chat.</summary>
    System,

    /// <summary>The person or program that asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool call.</summary>
    Tool,
}
