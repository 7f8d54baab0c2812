namespace Qwen3VL.Engine;

/// <summary>How the local engine runs. Validated once by <see cref="Validate"/>; every message names the key.</summary>
public sealed record EngineOptions
{
    /// <summary>A Hugging Face folder: config, safetensors, tokenizer, processor and generation config.</summary>
    public required string ModelFolder { get; init; }

    /// <summary>
    /// A LoRA adapter folder as PEFT saves it (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c>) that is loaded with the model; null
    /// for none.
    /// </summary>
    public string? AdapterFolder { get; init; }

    /// <summary>
    /// Element type in which matrices are kept: as stored, or converted. 32-bit floats give the same results; bfloat16 rounds what has more
    /// bits and so changes the model's fingerprint.
    /// </summary>
    public WeightStorage WeightStorage { get; init; }

    /// <summary>Memory for keys and values, in MiB; blocks are derived from it.</summary>
    public int KvMemoryMiB { get; init; } = 512;

    /// <summary>Longest prompt plus output of one request, in tokens; the model's own limit and the KV memory bound it further.</summary>
    public int MaxSequenceTokens { get; init; } = 262_144;

    /// <summary>Sequences that run at the same time.</summary>
    public int MaxSequences { get; init; } = 16;

    /// <summary>Tokens of one step, over all sequences.</summary>
    public int StepTokenBudget { get; init; } = 2_048;

    /// <summary>Merged vision tokens that may be encoded in one step. A larger single item is encoded alone.</summary>
    public int StepEncoderRowBudget { get; init; } = 4_096;

    /// <summary>Merged vision tokens kept in the encoder cache.</summary>
    public int EncoderCacheRows { get; init; } = 32_768;

    /// <summary>
    /// Share of a clip's vision tokens that is dropped after encoding (EVS), 0 up to below 1: those that change least from one frame pair to
    /// the next, never any of the first pair. 0 keeps all. It makes prompts shorter and changes answers; images are not touched.
    /// </summary>
    public double VideoPruningRate { get; init; }

    /// <summary>Whether full blocks are shared between requests with the same prefix.</summary>
    public bool PrefixCache { get; init; } = true;

    /// <summary>Requests that wait before <see cref="IInferenceEngine.SubmitAsync"/> makes the caller wait.</summary>
    public int MaxWaitingRequests { get; init; } = 256;

    /// <summary>
    /// Patches of images and clips that wait for their first step, in MiB, before <see cref="IInferenceEngine.SubmitAsync"/> makes the caller
    /// wait. A request whose media are larger waits until it is the only one with media.
    /// </summary>
    public int MaxWaitingMediaMiB { get; init; } = 1_024;

    /// <summary>Throws when a value cannot work.</summary>
    /// <exception cref="ArgumentException">Names the key, the rule and the value.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ModelFolder);
        if (AdapterFolder is not null && string.IsNullOrWhiteSpace(AdapterFolder))
        {
            throw new ArgumentException($"{nameof(AdapterFolder)} must be a folder or null; got only white space");
        }

        if (!Enum.IsDefined(WeightStorage))
        {
            throw new ArgumentException($"{nameof(WeightStorage)} must be one of {string.Join(", ", Enum.GetNames<WeightStorage>())}; got {WeightStorage}");
        }

        AtLeast(1, KvMemoryMiB, nameof(KvMemoryMiB));
        AtLeast(16, MaxSequenceTokens, nameof(MaxSequenceTokens));
        AtLeast(1, MaxSequences, nameof(MaxSequences));
        AtLeast(16, StepTokenBudget, nameof(StepTokenBudget));
        AtLeast(1, StepEncoderRowBudget, nameof(StepEncoderRowBudget));
        AtLeast(1, EncoderCacheRows, nameof(EncoderCacheRows));
        AtLeast(1, MaxWaitingRequests, nameof(MaxWaitingRequests));
        AtLeast(1, MaxWaitingMediaMiB, nameof(MaxWaitingMediaMiB));
        if (!(VideoPruningRate is >= 0 and < 1))
        {
            throw new ArgumentException($"{nameof(VideoPruningRate)} must be at least 0 and below 1; got {VideoPruningRate}");
        }

        if (StepTokenBudget < MaxSequences)
        {
            throw new ArgumentException($"{nameof(StepTokenBudget)} must be at least {nameof(MaxSequences)}; got {StepTokenBudget} and {MaxSequences}");
        }
    }

    private static void AtLeast(int minimum, int value, string key)
    {
        if (value < minimum)
        {
            throw new ArgumentException($"{key} must be at least {minimum}; got {value}");
        }
    }
}
