using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>How a chat is rendered.</summary>
internal sealed record TemplateOptions
{
    /// <summary>Whether the start of the assistant's turn is appended.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether media are announced as <c>Picture 1: </c> and <c>Video 1: </c>.</summary>
    public bool AddVisionId { get; init; }

    /// <summary>Functions the model may call, as JSON objects.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];
}
