namespace Qwen3VL.Engine;

/// <summary>One turn of a chat.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Parts">What is said, in order.</param>
public sealed record ChatMessage(ChatRole Role, IReadOnlyList<PromptPart> Parts)
{
    /// <summary>
    /// The reasoning of an assistant turn, when it is known apart from the parts. Thinking models see it again after the last question only, and
    /// Instruct models never, as their chat templates say. Null when there is none or the parts hold it between its tags.
    /// </summary>
    public string? ReasoningContent { get; init; }

    /// <summary>The calls that an assistant turn makes after its parts. Each is answered by a turn of <see cref="ChatRole.Tool"/>.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>A user turn of the given parts.</summary>
    public static ChatMessage User(params IReadOnlyList<PromptPart> parts) => new(ChatRole.User, parts);
}
