using System.Security.Cryptography;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Tests.Scheduling;

/// <summary>Builds prompts of text runs and media items without pixels: what the integer side of the engine sees.</summary>
internal sealed class PromptBuilder
{
    private const int Placeholder = 9_999;
    private readonly List<int> _tokenIds = [];
    private readonly List<MediaSpan> _spans = [];
    private readonly List<ProcessedMedia> _media = [];

    public static ProcessedPrompt Text(int numTokens, int firstId = 100) => new PromptBuilder().AddText(numTokens, firstId).Build();

    public PromptBuilder AddText(int numTokens, int firstId = 100)
    {
        _tokenIds.AddRange(Enumerable.Range(firstId, numTokens));
        return this;
    }

    /// <summary>An image of <paramref name="numRows"/> placeholders; equal contents are equal images.</summary>
    public PromptBuilder AddImage(int numRows, int content) => AddClip(1, numRows, 0, content);

    /// <summary>A clip: frame pairs of placeholders with text between them.</summary>
    public PromptBuilder AddClip(int numPairs, int rowsPerPair, int textBetween, int content)
    {
        for (int pair = 0; pair < numPairs; pair++)
        {
            if (pair > 0)
            {
                AddText(textBetween, 500);
            }

            _spans.Add(new MediaSpan(_media.Count, _tokenIds.Count, rowsPerPair, pair * rowsPerPair));
            _tokenIds.AddRange(Enumerable.Repeat(Placeholder, rowsPerPair));
        }

        byte[] hash = SHA256.HashData(BitConverter.GetBytes(content));
        _media.Add(new ProcessedMedia(new GridThw(numPairs, 2, 2 * rowsPerPair), ReadOnlyMemory<byte>.Empty, hash, []));
        return this;
    }

    public ProcessedPrompt Build()
    {
        int length = _tokenIds.Count;
        var positions = new int[3 * length];
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = i % length;
        }

        return new ProcessedPrompt([.. _tokenIds], positions, 0, [.. _spans], [.. _media]);
    }
}
