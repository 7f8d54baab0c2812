using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>What the scheduler knows of one image or clip of a sequence.</summary>
/// <param name="Content">SHA-256 of its content.</param>
/// <param name="NumRows">Merged vision tokens of the whole item: it is encoded whole or not at all.</param>
/// <param name="EndToken">One past its last placeholder: computed up to here, its encoder output is not needed any more.</param>
internal readonly record struct MediaItem(ContentHash Content, int NumRows, int EndToken);
