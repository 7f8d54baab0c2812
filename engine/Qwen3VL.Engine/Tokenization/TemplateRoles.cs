namespace Qwen3VL.Engine.Tokenization;

/// <summary>The roles that the chat templates know.</summary>
internal static class TemplateRoles
{
    /// <summary>Instructions for the whole chat.</summary>
    public const string System = "system";

    /// <summary>The person or program that asks.</summary>
    public const string User = "user";

    /// <summary>The model.</summary>
    public const string Assistant = "assistant";

    /// <summary>The result of a tool call.</summary>
    public const string Tool = "tool";
}
