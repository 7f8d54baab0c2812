using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Execution;

/// <summary>Rows of a batch behind which a prompt token is scored. Built anew for a step that has any; engine thread only.</summary>
internal sealed class PromptRows
{
    private readonly List<int> _rows = [];
    private readonly List<(PromptScores Scores, int TokenIndex)> _targets = [];

    /// <summary>Rows.</summary>
    public int Count => _rows.Count;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Row of the flat batch.</param>
    /// <param name="scores">Takes its logits.</param>
    /// <param name="tokenIndex">The prompt token behind the row.</param>
    public void Add(int row, PromptScores scores, int tokenIndex)
    {
        _rows.Add(row);
        _targets.Add((scores, tokenIndex));
    }

    /// <summary>Row numbers of a piece.</summary>
    public int[] Piece(int first, int count) => [.. _rows.GetRange(first, count)];

    /// <summary>Hands on the logits of one row, raw; rows come in order.</summary>
    public void Take(int index, ReadOnlySpan<float> logits) => _targets[index].Scores.Take(_targets[index].TokenIndex, logits);
}
