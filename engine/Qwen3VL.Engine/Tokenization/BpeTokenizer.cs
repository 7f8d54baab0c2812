using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Byte-level BPE of the Qwen family (spec 5.7): added tokens, then NFC, then pieces, then merges. Equal to huggingface/tokenizers on the same
/// <c>tokenizer.json</c>. A lone surrogate, which cannot exist there, encodes as U+FFFD. Thread-safe; owns a bounded cache of pieces.
/// </summary>
internal sealed class BpeTokenizer : ITokenizer
{
    // A UTF-16 unit is at most three bytes of UTF-8; a pair of surrogates is four.
    private const int MaxBytesPerUnit = 3;

    // A merger that has grown beyond what any page needs is given up, so that one huge word does not hold memory for good.
    private const int MaxSpareCapacity = 1 << 16;

    private readonly BpeVocabulary _vocabulary;
    private readonly AddedTokenMatcher _matcher;
    private readonly Dictionary<string, int> _addedTokenIds;
    private readonly PieceCache _cache = new();
    private readonly bool _normalizesToNfc;

    // The buffers of the last call, for the next; a call that finds none makes its own.
    private BytePairMerger? _spareMerger;

    /// <summary>Creates one of a tokenizer file.</summary>
    /// <exception cref="CheckpointException">The file contradicts itself.</exception>
    public BpeTokenizer(TokenizerFile file)
    {
        _vocabulary = new BpeVocabulary(file);
        _matcher = new AddedTokenMatcher(file.AddedTokens);
        _addedTokenIds = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (AddedToken token in file.AddedTokens)
        {
            if (!_addedTokenIds.TryAdd(token.Content, token.Id))
            {
                throw new CheckpointException($"tokenizer.json added_tokens content must occur once; got id {token.Id} with that of id {_addedTokenIds[token.Content]}");
            }
        }

        _normalizesToNfc = file.NormalizesToNfc;
    }

    /// <inheritdoc/>
    public int VocabularySize => _vocabulary.Size;

    /// <summary>Reads <c>tokenizer.json</c> of a model folder.</summary>
    /// <exception cref="CheckpointException">The file is missing or describes another kind of tokenizer.</exception>
    public static BpeTokenizer Load(string folder) => new(TokenizerFile.Read(folder));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A segment stands for media.</exception>
    public int[] Encode(IReadOnlyList<PromptSegment> segments)
    {
        var text = new StringBuilder();
        var markup = new List<Range>();
        foreach (PromptSegment segment in segments)
        {
            if (segment.Kind is not (PromptSegmentKind.Markup or PromptSegmentKind.Text))
            {
                throw new ArgumentException($"segments must be markup or text; got {segment.Kind}", nameof(segments));
            }

            int start = text.Length;
            text.Append(segment.Text);
            if (segment.Kind == PromptSegmentKind.Markup)
            {
                bool continues = markup.Count > 0 && markup[^1].End.Value == start;
                if (continues)
                {
                    markup[^1] = markup[^1].Start..text.Length;
                }
                else
                {
                    markup.Add(start..text.Length);
                }
            }
        }

        return Encode(text.ToString(), markup);
    }

    /// <inheritdoc/>
    public int[] Encode(string text, bool allowSpecial) => Encode(text, allowSpecial ? [Range.All] : []);

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokenIds, bool skipSpecial)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, tokenIds.Length * sizeof(int)));
        foreach (int tokenId in tokenIds)
        {
            bytes.Write(TokenBytes(tokenId, skipSpecial));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int tokenId, bool skipSpecial)
    {
        ReadOnlySpan<byte> bytes = _vocabulary.BytesOf(tokenId);
        return skipSpecial && _vocabulary.IsSpecial(tokenId) ? [] : bytes;
    }

    /// <inheritdoc/>
    public bool TryGetAddedTokenId(string token, out int tokenId) => _addedTokenIds.TryGetValue(token, out tokenId);

    private int[] Encode(ReadOnlySpan<char> text, List<Range> markup)
    {
        var tokens = new List<int>((text.Length / 2) + 1);
        BytePairMerger merger = Interlocked.Exchange(ref _spareMerger, null) ?? new BytePairMerger(_vocabulary);
        int done = 0;
        foreach (Range range in markup)
        {
            int offset = range.Start.GetOffset(text.Length);
            int end = range.End.GetOffset(text.Length);
            while (_matcher.TryFind(text[offset..end], out int start, out AddedToken token))
            {
                EncodeStretch(text[done..(offset + start)], merger, tokens);
                tokens.Add(token.Id);
                offset += start + token.Content.Length;
                done = offset;
            }
        }

        EncodeStretch(text[done..], merger, tokens);
        if (merger.Capacity <= MaxSpareCapacity)
        {
            Volatile.Write(ref _spareMerger, merger);
        }

        return [.. tokens];
    }

    /// <summary>Encodes text without added tokens.</summary>
    private void EncodeStretch(ReadOnlySpan<char> text, BytePairMerger merger, List<int> tokens)
    {
        ReadOnlySpan<char> rest = _normalizesToNfc ? NfcNormalizer.Normalize(text, NormalizationTables.Unicode9) : text;
        while (!rest.IsEmpty)
        {
            int length = PreTokenizer.PieceLength(rest);
            EncodePiece(rest[..length], merger, tokens);
            rest = rest[length..];
        }
    }

    private void EncodePiece(ReadOnlySpan<char> piece, BytePairMerger merger, List<int> tokens)
    {
        if (piece.Length > PieceCache.MaxPieceLength)
        {
            EncodeLongPiece(piece, merger, tokens);
        }
        else if (_cache.TryGet(piece, out int[]? known))
        {
            tokens.AddRange(known.AsSpan());
        }
        else
        {
            int first = tokens.Count;
            Span<byte> bytes = stackalloc byte[MaxBytesPerUnit * PieceCache.MaxPieceLength];
            merger.Encode(bytes[..Encoding.UTF8.GetBytes(piece, bytes)], tokens);
            _cache.Add(piece, CollectionsMarshal.AsSpan(tokens)[first..]);
        }
    }

    private static void EncodeLongPiece(ReadOnlySpan<char> piece, BytePairMerger merger, List<int> tokens)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(MaxBytesPerUnit * piece.Length);
        try
        {
            merger.Encode(rented.AsSpan(0, Encoding.UTF8.GetBytes(piece, rented)), tokens);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
