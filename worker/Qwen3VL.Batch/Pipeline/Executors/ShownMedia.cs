using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>What a question is about.</summary>
/// <param name="Part">Its place in the prompt.</param>
/// <param name="FullPixels">Pixels, over all frames, that it has when it is not made smaller: each step of <see cref="MediaReduction"/> halves them.</param>
internal sealed record ShownMedia(PromptPart Part, long FullPixels);
