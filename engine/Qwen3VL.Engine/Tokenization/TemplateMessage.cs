namespace Qwen3VL.Engine.Tokenization;

/// <summary>A message as rich as the chat templates know it; <see cref="ChatMessage"/> is the part of it that the engine's door offers.</summary>
internal sealed record TemplateMessage
{
    /// <summary>The role of a message that the templates know; others are passed over.</summary>
    public required string Role { get; init; }

    /// <summary>The content, in order. A plain string is one text item, a missing content is none.</summary>
    public required IReadOnlyList<TemplateItem> Items { get; init; }

    /// <summary>Whether the content counts as present: a string that is not empty, or a list of at least one item.</summary>
    public bool HasContent { get; init; } = true;

    /// <summary>Reasoning given beside the content; null when it is inside the content or absent.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Calls made by the assistant.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];
}
