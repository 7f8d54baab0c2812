namespace Qwen3VL.Engine;

/// <summary>One turn of a chat.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Parts">What is said, in order.</param>
public sealed record ChatMessage(ChatRole Role, IReadOnlyList<PromptPart> Parts)
{
    /// <summary>A user turn of the given parts.</summary>
    public static ChatMessage User(params IReadOnlyList<PromptPart> parts) => new(ChatRole.User, parts);
}
