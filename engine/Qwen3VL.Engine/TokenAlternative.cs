namespace Qwen3VL.Engine;

/// <summary>A token that could have stood in a place.</summary>
/// <param name="TokenId">Checkpoint id.</param>
/// <param name="LogProbability">Natural logarithm of its probability there.</param>
public readonly record struct TokenAlternative(int TokenId, double LogProbability);
