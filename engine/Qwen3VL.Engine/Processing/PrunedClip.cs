using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// A clip of a prompt some of whose vision tokens are dropped: a range of the prompt that is known by its length alone until the clip is
/// encoded, and by its tokens and positions from then on (EVS, spec 7.2). Immutable.
/// </summary>
/// <remarks>
/// <code>
/// whole range    &lt;0.3 seconds&gt; S P P P P E &lt;1.3 seconds&gt; S P P P P E        S, E: vision_start, vision_end; P: video_pad
/// provisional    &lt;0.3 seconds&gt; S P P P P E &lt;1.3 seconds&gt; S P P E            the first rows stay: what is hashed and counted
/// final          &lt;0.3 seconds&gt; S P P P P E &lt;1.3 seconds&gt; S . P . P E        the kept rows stay, each where it was
/// </code>
/// Dropping columns moves nothing in position space: a token that stays has the positions it has in the whole prompt. The last
/// vision_end always stays, so what follows the range has the same positions whichever rows are kept. vllm-project/vllm reaches the same
/// sequence by repair (<c>multimodal/evs.py: recompute_mrope_positions</c>).
/// </remarks>
internal sealed class PrunedClip
{
    private readonly int[] _wholeTokenIds;
    private readonly int[] _wholePositions;
    private readonly int _placeholderId;

    /// <summary>Creates one.</summary>
    /// <param name="mediaIndex">Which media item.</param>
    /// <param name="media">The item.</param>
    /// <param name="offset">Index of the range's first token in the pruned prompt.</param>
    /// <param name="numKeptRows">Vision tokens that stay; below the item's rows.</param>
    /// <param name="wholeTokenIds">The range without pruning, <c>[n]</c>; owned from here.</param>
    /// <param name="wholePositions">Its positions in the prompt without pruning, <c>[3, n]</c>; owned from here.</param>
    /// <param name="placeholderId">Id of a vision token's placeholder.</param>
    public PrunedClip(
        int mediaIndex, ProcessedMedia media, int offset, int numKeptRows, int[] wholeTokenIds, int[] wholePositions, int placeholderId)
    {
        MediaIndex = mediaIndex;
        Offset = offset;
        NumKeptRows = numKeptRows;
        Length = wholeTokenIds.Length - (media.Grid.NumRows - numKeptRows);
        _wholeTokenIds = wholeTokenIds;
        _wholePositions = wholePositions;
        _placeholderId = placeholderId;
        EncoderHash = Hash(media.ContentHash.Span, numKeptRows, []);
        LayoutHash = Hash(media.ContentHash.Span, numKeptRows, wholeTokenIds);
    }

    /// <summary>Which media item.</summary>
    public int MediaIndex { get; }

    /// <summary>Index of the range's first token in the prompt.</summary>
    public int Offset { get; }

    /// <summary>Tokens of the range: the clip's text and <see cref="NumKeptRows"/>.</summary>
    public int Length { get; }

    /// <summary>Vision tokens that stay.</summary>
    public int NumKeptRows { get; }

    /// <summary>SHA-256 that names the kept rows of the encoder's output: content and how many stay.</summary>
    public ReadOnlyMemory<byte> EncoderHash { get; }

    /// <summary>
    /// SHA-256 that decides every token of the range: as <see cref="EncoderHash"/>, and all texts between. A block of provisional ids
    /// alone would not do: which time text falls into it depends on the kept rows.
    /// </summary>
    public ReadOnlyMemory<byte> LayoutHash { get; }

    /// <summary>The range's tokens for the kept rows.</summary>
    /// <param name="keptRows">Rows of the item's whole encoder output, ascending; <see cref="NumKeptRows"/> of them.</param>
    public PrunedClipTokens Resolve(ReadOnlySpan<int> keptRows)
    {
        if (keptRows.Length != NumKeptRows)
        {
            throw new EngineInvariantException($"a pruned clip must keep {NumKeptRows} rows; got {keptRows.Length}");
        }

        int[] ids = new int[Length];
        int[] positions = new int[MropePositions.Axes * Length];
        int[] rows = new int[Length];
        int row = 0;
        int kept = 0;
        int token = 0;
        for (int i = 0; i < _wholeTokenIds.Length; i++)
        {
            bool isRow = _wholeTokenIds[i] == _placeholderId;
            bool isDropped = isRow && (kept == keptRows.Length || keptRows[kept] != row);
            row += isRow ? 1 : 0;
            if (isDropped)
            {
                continue;
            }

            ids[token] = _wholeTokenIds[i];
            rows[token] = isRow ? kept++ : PrunedClipTokens.Text;
            for (int axis = 0; axis < MropePositions.Axes; axis++)
            {
                positions[(axis * Length) + token] = _wholePositions[(axis * _wholeTokenIds.Length) + i];
            }

            token++;
        }

        return kept == NumKeptRows && token == Length
            ? new PrunedClipTokens(ids, positions, rows)
            : throw new EngineInvariantException($"kept rows must ascend within the clip; got {kept} of {NumKeptRows} and {token} of {Length} tokens");
    }

    /// <summary>The range's tokens as long as nothing is encoded: those of a clip whose first rows are kept.</summary>
    public PrunedClipTokens Provisional()
    {
        int[] first = new int[NumKeptRows];
        for (int row = 0; row < first.Length; row++)
        {
            first[row] = row;
        }

        return Resolve(first);
    }

    private static byte[] Hash(ReadOnlySpan<byte> content, int numKeptRows, ReadOnlySpan<int> tokenIds)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("pruned clip"u8);
        hash.AppendData(content);
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in numKeptRows)));
        hash.AppendData(MemoryMarshal.AsBytes(tokenIds));
        return hash.GetHashAndReset();
    }
}
