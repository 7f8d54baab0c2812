namespace Qwen3VL.Engine.Caching;

/// <summary>A run of placeholders together with the content that stands behind it: what a block's hash needs to know of media.</summary>
/// <param name="Content">SHA-256 of the media item.</param>
/// <param name="Offset">Token index of the first placeholder.</param>
/// <param name="Length">Placeholders.</param>
/// <param name="FirstRow">Row of the item that the first placeholder takes.</param>
internal readonly record struct MediaRun(ContentHash Content, int Offset, int Length, int FirstRow)
{
    /// <summary>One past the last placeholder.</summary>
    public int End => Offset + Length;
}
