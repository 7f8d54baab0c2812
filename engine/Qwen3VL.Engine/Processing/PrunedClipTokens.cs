namespace Qwen3VL.Engine.Processing;

/// <summary>The tokens of a pruned clip's range.</summary>
/// <param name="TokenIds"><c>[n]</c> checkpoint ids.</param>
/// <param name="Positions"><c>[3, n]</c> row-major: positions in the prompt.</param>
/// <param name="Rows"><c>[n]</c>: which kept row stands at a token, counted from 0 without gaps; <see cref="Text"/> where a text token stands.</param>
internal sealed record PrunedClipTokens(int[] TokenIds, int[] Positions, int[] Rows)
{
    /// <summary>Marks a text token among <see cref="Rows"/>.</summary>
    public const int Text = -1;
}
