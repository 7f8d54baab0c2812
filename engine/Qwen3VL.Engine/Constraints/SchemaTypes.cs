namespace Qwen3VL.Engine.Constraints;

/// <summary>Types that a value may have by JSON's own count, where whole numbers are numbers.</summary>
[Flags]
internal enum SchemaTypes
{
    /// <summary>No type.</summary>
    None = 0,

    /// <summary>Objects.</summary>
    Object = 1,

    /// <summary>Arrays.</summary>
    Array = 2,

    /// <summary>Strings.</summary>
    String = 4,

    /// <summary>Numbers, whole or not.</summary>
    Number = 8,

    /// <summary>True and false.</summary>
    Boolean = 16,

    /// <summary>Null.</summary>
    Null = 32,

    /// <summary>Any value.</summary>
    All = Object | Array | String | Number | Boolean | Null,
}
