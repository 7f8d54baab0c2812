using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// Turns a request into a sequence, or refuses it: checks, tokenises, resizes and cuts media. Runs on the caller's thread, before the
/// queue. Immutable and thread-safe.
/// </summary>
internal sealed class RequestAdmission
{
    private readonly Qwen3VLProcessor _processor;
    private readonly ITokenizer _tokenizer;
    private readonly StopRules _rules;
    private readonly BlockHash _root;
    private readonly int _maxSequenceTokens;
    private readonly ConstraintCache _constraints;

    // Ends that can be chosen: the sampler leaves ids of padding rows out.
    private readonly int[] _endTokenIds;

    /// <summary>Creates one.</summary>
    /// <param name="processor">Request to prompt.</param>
    /// <param name="tokenizer">The checkpoint's tokenizer.</param>
    /// <param name="rules">What ends an answer.</param>
    /// <param name="root">Parent of every first block: hash of model and dtype.</param>
    /// <param name="maxSequenceTokens">Prompt plus output that the context and the KV memory allow a sequence that runs alone.</param>
    public RequestAdmission(Qwen3VLProcessor processor, ITokenizer tokenizer, StopRules rules, BlockHash root, int maxSequenceTokens)
    {
        _processor = processor;
        _tokenizer = tokenizer;
        _rules = rules;
        _root = root;
        _maxSequenceTokens = maxSequenceTokens;
        _endTokenIds = Array.FindAll(rules.EosTokenIds, tokenId => tokenId < tokenizer.VocabularySize);
        _constraints = new ConstraintCache(tokenizer, _endTokenIds, rules.StartsInReasoning);
    }

    /// <summary>Most output tokens of a request, before its prompt is known.</summary>
    public int OutputLimit(GenerationRequest request) => Math.Clamp(request.MaxOutputTokens, 1, _maxSequenceTokens);

    /// <summary>What the media of a request will take; refuses those that can never fit before a pixel is resized.</summary>
    /// <exception cref="InvalidRequestException">The media cannot be fitted, or leave no room in the context.</exception>
    public MediaSize Measure(GenerationRequest request)
    {
        MediaSize size = _processor.Measure(request);
        return size.Rows < _maxSequenceTokens
            ? size
            : throw new InvalidRequestException(
                $"vision tokens must be below {_maxSequenceTokens}, the smallest of context length, configured limit and KV memory; got {size.Rows}")
            {
                IsTooLarge = true,
            };
    }

    /// <summary>Prepares a request that <see cref="Measure"/> has let through. Output is capped by what the context leaves; such a generation ends with <see cref="FinishReason.Length"/>.</summary>
    /// <exception cref="InvalidRequestException">The request can never run; the message has the numbers.</exception>
    public ActiveGeneration Prepare(GenerationRequest request, LocalGeneration handle, Action leaveQueue)
    {
        TokenChoice choice = ChoiceOf(request);
        if (request.MaxOutputTokens < 1)
        {
            throw new InvalidRequestException($"MaxOutputTokens must be at least 1; got {request.MaxOutputTokens}");
        }

        string[] stopStrings = [.. request.StopStrings];
        if (Array.Exists(stopStrings, string.IsNullOrEmpty))
        {
            throw new InvalidRequestException($"stop strings must not be empty; got an empty one among {stopStrings.Length}");
        }

        ProcessedPrompt prompt = _processor.Process(request);
        int roomForOutput = _maxSequenceTokens - prompt.TokenIds.Length;
        if (roomForOutput < 1)
        {
            throw new InvalidRequestException(
                $"prompt tokens must be below {_maxSequenceTokens}, the smallest of context length, configured limit and KV memory; got {prompt.TokenIds.Length}")
            {
                IsTooLarge = true,
            };
        }

        var sequence = new SequenceState(handle.RequestId, prompt, Math.Min(request.MaxOutputTokens, roomForOutput), _root)
        {
            PromptScores = request.PromptLogProbabilities is { } numTop ? new PromptScores(prompt.TokenIds, numTop) : null,
        };
        return new ActiveGeneration(sequence, choice, stopStrings, _tokenizer, _rules, handle, leaveQueue);
    }

    /// <summary>Checks and copies how tokens are chosen and reported.</summary>
    private TokenChoice ChoiceOf(GenerationRequest request)
    {
        SamplingLimits.Validate(request.Sampling);
        SamplingLimits.ValidateLogProbabilities("logprobs", request.OutputLogProbabilities);
        SamplingLimits.ValidateLogProbabilities("prompt_logprobs", request.PromptLogProbabilities);
        return new TokenChoice
        {
            Sampling = request.Sampling,
            Rules = TokenRules.Create(request.Sampling, _tokenizer.VocabularySize),
            OutputLogProbabilities = request.OutputLogProbabilities,
            Constraint = request.Constraint is { } constraint ? ConstraintOf(request, constraint) : null,
        };
    }

    /// <summary>Compiles the constraint, or takes it from the cache; refuses what could leave it with no way on or cut what it promises.</summary>
    private AnswerConstraint ConstraintOf(GenerationRequest request, OutputConstraint constraint)
    {
        SamplingParameters sampling = request.Sampling;
        if (request.StopStrings.Count > 0 || sampling.BannedTokenIds.Count > 0 || sampling.AllowedTokenIds is not null)
        {
            throw new InvalidRequestException(
                $"a constraint must stand without stop strings, banned and allowed token ids; got {request.StopStrings.Count}, "
                + $"{sampling.BannedTokenIds.Count} and {sampling.AllowedTokenIds?.Count ?? 0}");
        }

        if (_endTokenIds.Length == 0 || (_rules.StartsInReasoning && _rules.CloseReasoningTokenId < 0))
        {
            throw new InvalidRequestException(
                $"a constraint must have a checkpoint whose answers begin and end with known tokens; got {_endTokenIds.Length} end tokens");
        }

        return new AnswerConstraint(_constraints.Get(constraint), _tokenizer, _endTokenIds);
    }
}
