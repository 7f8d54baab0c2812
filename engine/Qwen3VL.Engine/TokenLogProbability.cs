namespace Qwen3VL.Engine;

/// <summary>
/// How probable the model held a token, given everything before it: the natural logarithm of the softmax over all rows of the output head,
/// taken of the raw logits before any sampling parameter, mask or constraint. Sums run in double.
/// </summary>
/// <remarks>The definition is that of vllm-project/vllm <c>v1/sample/sampler.py</c>, logprobs mode <c>raw_logprobs</c>.</remarks>
/// <param name="TokenId">Checkpoint id of the token that stands there.</param>
/// <param name="LogProbability">Its log-probability; 0 or below.</param>
/// <param name="Top">The most probable tokens of that place, best first, lower id first among equals; as many as were asked for.</param>
public sealed record TokenLogProbability(int TokenId, double LogProbability, IReadOnlyList<TokenAlternative> Top);
