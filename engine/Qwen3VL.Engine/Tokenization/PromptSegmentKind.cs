namespace Qwen3VL.Engine.Tokenization;

/// <summary>What a piece of a rendered chat is.</summary>
public enum PromptSegmentKind
{
    /// <summary>Written by the template: special tokens in it are special.</summary>
    Markup,

    /// <summary>Written by a user or a tool: nothing in it is special.</summary>
    Text,

    /// <summary>Stands for <c>&lt;|vision_start|&gt;&lt;|image_pad|&gt;&lt;|vision_end|&gt;</c>.</summary>
    Image,

    /// <summary>Stands for <c>&lt;|vision_start|&gt;&lt;|video_pad|&gt;&lt;|vision_end|&gt;</c>.</summary>
    Video,
}
