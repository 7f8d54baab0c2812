namespace Qwen3VL.Engine.Tokenization;

/// <summary>What two neighbouring tokens become.</summary>
/// <param name="Rank">Order in the merge list; the lowest merges first.</param>
/// <param name="TokenId">The joined token.</param>
internal readonly record struct Merge(int Rank, int TokenId);
