using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>What the scheduler knows of one image or clip of a sequence.</summary>
/// <param name="Content">SHA-256 of its content, and of what is kept of it when it is pruned.</param>
/// <param name="NumRows">Rows of its encoder output: what it takes in the encoder cache.</param>
/// <param name="NumEncodedRows">Merged vision tokens of the whole item: it is encoded whole or not at all, and pruned after that.</param>
/// <param name="EndToken">One past its last placeholder: computed up to here, its encoder output is not needed any more.</param>
internal readonly record struct MediaItem(ContentHash Content, int NumRows, int NumEncodedRows, int EndToken);
