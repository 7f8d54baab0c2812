using System.Text.RegularExpressions;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The <c>adapter_config.json</c> of a LoRA adapter (huggingface/peft v0.18.0, tuners/lora/config.py, LoraConfig). Everything that would make
/// the adapter compute something else than <c>W x + s B (A x)</c> on plain weights is refused.
/// </summary>
internal sealed class LoraConfig
{
    /// <summary>Name of the file inside the folder.</summary>
    internal const string FileName = "adapter_config.json";

    // Patterns are matched against every module: neither a long one nor many of them may cost much.
    private const int MaxPatterns = 4096;
    private const int MaxPatternLength = 1024;

    private static readonly string[] RefusedSwitches =
    [
        "use_dora", "use_qalora", "fan_in_fan_out", "lora_bias", "modules_to_save", "layer_replication", "trainable_token_indices", "target_parameters",
        "alora_invocation_tokens", "arrow_config",
    ];

    // These start from the weights they find; others also change those weights, so that the adapter alone says nothing.
    private static readonly string[] HarmlessInitialisations = ["gaussian", "orthogonal", "eva"];

    private readonly int _rank;
    private readonly double _alpha;
    private readonly bool _isRankStabilised;
    private readonly IReadOnlyList<(Regex Pattern, double Value)> _ranks;
    private readonly IReadOnlyList<(Regex Pattern, double Value)> _alphas;

    private LoraConfig(ConfigSection root)
    {
        _rank = root.PositiveInt32("r", ConfigLimits.Width);
        _alpha = root.PositiveDouble("lora_alpha");
        _isRankStabilised = root.BooleanOr("use_rslora", false);
        _ranks = Patterns(root, "rank_pattern");
        _alphas = Patterns(root, "alpha_pattern");
    }

    /// <summary>Reads and checks the configuration of an adapter folder.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or asks for something that this engine does not run.</exception>
    internal static LoraConfig Read(string folder)
    {
        ConfigSection root = ConfigSection.ReadFile(Path.Combine(folder, FileName));
        ConfigLimits.RequireIfPresent(root, "peft_type", "LORA");
        ConfigLimits.RequireIfPresent(root, "bias", "none");
        foreach (string key in RefusedSwitches.Where(root.HasContent))
        {
            throw root.Wrong(key, "absent, null, false or empty (adapters of that kind are not supported)", "a value");
        }

        if (root.StringOrNull("init_lora_weights") is { } initialisation && !HarmlessInitialisations.Contains(initialisation))
        {
            throw root.Wrong("init_lora_weights", "one that leaves the model's own weights alone", initialisation);
        }

        return new LoraConfig(root);
    }

    /// <summary>Rank of the factors of a module.</summary>
    internal int RankOf(string module) => (int)Value(_ranks, module, _rank);

    /// <summary>Factor of <c>B (A x)</c>: alpha over the rank, or over its root where the adapter is rank-stabilised.</summary>
    internal double ScaleOf(string module)
    {
        int rank = RankOf(module);
        return Value(_alphas, module, _alpha) / (_isRankStabilised ? Math.Sqrt(rank) : rank);
    }

    // huggingface/peft v0.18.0, utils/other.py, get_pattern_key: the first pattern that is the end of the name, from a dot on.
    private static double Value(IReadOnlyList<(Regex Pattern, double Value)> patterns, string module, double fallback)
    {
        foreach ((Regex pattern, double value) in patterns)
        {
            if (pattern.IsMatch(module))
            {
                return value;
            }
        }

        return fallback;
    }

    private static List<(Regex Pattern, double Value)> Patterns(ConfigSection root, string key)
    {
        if (root.TrySection(key) is not { } section)
        {
            return [];
        }

        var patterns = new List<(Regex, double)>();
        foreach (string name in section.Keys())
        {
            if (name.Length > MaxPatternLength || patterns.Count == MaxPatterns)
            {
                throw root.Wrong(key, $"at most {MaxPatterns} patterns of at most {MaxPatternLength} characters", "more");
            }

            double value = key == "rank_pattern" ? section.PositiveInt32(name, ConfigLimits.Width) : section.PositiveDouble(name);
            patterns.Add((Compile(root, key, name), value));
        }

        return patterns;
    }

    private static Regex Compile(ConfigSection root, string key, string pattern)
    {
        try
        {
            return new Regex($@"\A(.*\.)?({pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw root.Wrong(key, "names or regular expressions without look-around and back-references", pattern);
        }
    }
}
