using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Qwen3VL.Engine.Caching;

/// <summary>
/// Names the content of a full block and of everything before it: a SHA-256 chain. Two blocks with one hash hold the same keys and values.
/// </summary>
/// <param name="Value">The SHA-256.</param>
/// <remarks>
/// <code>
/// root    = SHA256( salt )                                   salt: model fingerprint and dtype, so that engines never mix
/// hash(n) = SHA256( hash(n-1), 16 token ids, number of runs, { content, offset - block start, first row } of each run in the block )
/// </code>
/// Placeholder ids are equal for all images of a size: without the media runs a hit would give a wrong answer, not only a slow one.
/// The relative offset may be negative. After vllm-project/vllm <c>v1/core/kv_cache_utils.py: hash_block_tokens</c>.
/// </remarks>
internal readonly record struct BlockHash(ContentHash Value)
{
    // A run has at least one token, so at most 16 runs touch a block.
    private const int RunBytes = ContentHash.SizeBytes + (2 * sizeof(int));
    private const int MaxInputBytes = ContentHash.SizeBytes + (KvBlock.Tokens * sizeof(int)) + sizeof(int) + (KvBlock.Tokens * RunBytes);

    /// <summary>The parent of every first block.</summary>
    public static BlockHash Root(string salt)
    {
        Span<byte> hash = stackalloc byte[ContentHash.SizeBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(salt), hash);
        return new BlockHash(ContentHash.From(hash));
    }

    /// <summary>The hash of a full block that follows <paramref name="parent"/>.</summary>
    /// <param name="parent">Hash of the block before, or the root.</param>
    /// <param name="tokenIds">Exactly 16 ids.</param>
    /// <param name="blockStart">Token index of the block's first token.</param>
    /// <param name="runs">All media runs that touch the block, by offset; others are not allowed.</param>
    public static BlockHash Chain(BlockHash parent, ReadOnlySpan<int> tokenIds, int blockStart, ReadOnlySpan<MediaRun> runs)
    {
        if (tokenIds.Length != KvBlock.Tokens || runs.Length > KvBlock.Tokens)
        {
            throw new EngineInvariantException(
                $"a hashed block must have {KvBlock.Tokens} tokens and at most {KvBlock.Tokens} media runs; got {tokenIds.Length} and {runs.Length}");
        }

        Span<byte> input = stackalloc byte[MaxInputBytes];
        parent.Value.CopyTo(input);
        int length = ContentHash.SizeBytes;
        foreach (int tokenId in tokenIds)
        {
            Append(input, ref length, tokenId);
        }

        Append(input, ref length, runs.Length);
        foreach (MediaRun run in runs)
        {
            run.Content.CopyTo(input[length..]);
            length += ContentHash.SizeBytes;
            Append(input, ref length, run.Offset - blockStart);
            Append(input, ref length, run.FirstRow);
        }

        Span<byte> hash = stackalloc byte[ContentHash.SizeBytes];
        SHA256.HashData(input[..length], hash);
        return new BlockHash(ContentHash.From(hash));
    }

    private static void Append(Span<byte> input, ref int length, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(input[length..], value);
        length += sizeof(int);
    }
}
