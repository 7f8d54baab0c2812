namespace Qwen3VL.Engine.Tokenization;

/// <summary>What the chat templates take a content item for.</summary>
internal enum TemplateItemKind
{
    /// <summary>Text, or something unknown that may still carry text.</summary>
    Text,

    /// <summary>An image.</summary>
    Image,

    /// <summary>A clip.</summary>
    Video,
}
