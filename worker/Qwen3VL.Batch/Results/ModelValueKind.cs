namespace Qwen3VL.Batch.Results;

/// <summary>What a <see cref="ModelValue"/> is.</summary>
internal enum ModelValueKind
{
    /// <summary>null or None.</summary>
    Null,

    /// <summary>true, false, True or False.</summary>
    Boolean,

    /// <summary>A number; NaN and infinities included.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A list.</summary>
    List,

    /// <summary>An object.</summary>
    Object,
}
