using System.Globalization;
using Qwen3VL.TestKit;

namespace Qwen3VL.Conformance;

/// <summary>What the command line asks for.</summary>
internal sealed record ConformanceOptions
{
    private const int MaxThreads = 1024;

    /// <summary>What <c>--help</c> prints.</summary>
    public const string Help = """
        usage: conform DIR [options]

        Runs every golden below DIR, a folder laid out as tests/goldens (see its README), against the engine. Prints one line a folder:
        cases, cases that passed, the largest difference of a logit and of a log-probability, the first mismatch. A folder that DIR does
        not have is not run; a folder or file of a name that no goldens go by is not run either, and a note says so. Whatever else is there
        and cannot be run counts as failed, and so does a tensor of a case that nothing was compared with.

          --tiny-tokenizer PATH   tokenizer.json of the bundled model, or its folder (default: the bundled model)
          --qwen-tokenizer PATH   tokenizer.json of the released checkpoints, or its folder (default: from the reference)
          --reference DIR         side files of released checkpoints (default: DIR/../reference, then QWEN3VL_REFERENCE,
                                  then ../shared/reference beside the repository)
          --tiny-model DIR        the checkpoint that tiny/ is run on (default: the bundled model)
          --only NAME             run this folder alone, for example image or models/moe; may be given more than once
          --skip NAME             leave out a folder, or the files whose names begin so, for example tokenizer/qwen for tokenizer/qwen.json
                                  and tokenizer/qwen-more.json, or models/moe/video; the report says so; may be given more than once
          --threads N             threads that compute (default: every processor)
          --verbose               one line a case, and every mismatch in full
          --json FILE             the whole report as JSON
          --help                  this text

        Exact: ids, indices, sizes, pixels, positions, texts, greedy tokens. Embeddings, layer outputs, logits and log-probabilities:
        |actual - reference| <= 1e-4 + 1e-4 |reference|. Two of the top 3 may change places where their values tie within that.

        Exit: 0 every golden passed, 1 a golden failed, 2 the command line is wrong or DIR holds no goldens.
        """;

    /// <summary>The folder of goldens.</summary>
    public required string Folder { get; init; }

    /// <summary>File or folder of the bundled model's tokenizer.</summary>
    public required string TinyTokenizer { get; init; }

    /// <summary>File or folder of the released tokenizer; null when none was named and no reference is at hand.</summary>
    public string? QwenTokenizer { get; init; }

    /// <summary>Side files of released checkpoints; null when there are none.</summary>
    public string? Reference { get; init; }

    /// <summary>The checkpoint of <c>tiny/</c>.</summary>
    public required string TinyModel { get; init; }

    /// <summary>Folders to run; empty runs all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Folders and files to leave out.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Threads that compute; 0 takes every processor.</summary>
    public int Threads { get; init; }

    /// <summary>Whether every case gets a line.</summary>
    public bool Verbose { get; init; }

    /// <summary>Where the JSON report goes; null writes none.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Reads a command line; null when it asks for help.</summary>
    /// <exception cref="UsageException">It is wrong.</exception>
    public static ConformanceOptions? Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Contains("--help") || arguments.Contains("-h"))
        {
            return null;
        }

        var words = new CommandWords(arguments);
        string folder = words.Positional is [string only]
            ? Path.GetFullPath(only)
            : throw new UsageException($"one folder of goldens must be named; got {words.Positional.Count}");
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"DIR must be a folder; got '{words.Positional[0]}'");
        }

        string? reference = ExistingFolder(words, "--reference") ?? DefaultReference(folder);
        string tinyModel = ExistingFolder(words, "--tiny-model") ?? RepositoryPaths.TinyModel;
        return new ConformanceOptions
        {
            Folder = folder,
            Reference = reference,
            TinyModel = tinyModel,
            TinyTokenizer = words.Path("--tiny-tokenizer") ?? tinyModel,
            QwenTokenizer = words.Path("--qwen-tokenizer") ?? (reference is null ? null : Path.Combine(reference, "tokenizer", "tokenizer.json")),
            Only = words.Values("--only"),
            Skip = words.Values("--skip"),
            Threads = ReadThreads(words),
            Verbose = words.Has("--verbose"),
            JsonFile = words.Path("--json"),
        };
    }

    private static string? ExistingFolder(CommandWords words, string option)
    {
        string? path = words.Path(option);
        return path is null || Directory.Exists(path) ? path : throw new UsageException($"{option} must be a folder; got '{path}'");
    }

    private static string? DefaultReference(string folder)
    {
        string?[] candidates =
        [
            Path.Combine(folder, "..", "reference"),
            Environment.GetEnvironmentVariable(ReferenceFiles.Variable),
            Path.Combine(RepositoryPaths.Root, "..", "shared", "reference"),
        ];
        string? found = candidates.FirstOrDefault(candidate => !string.IsNullOrEmpty(candidate) && Directory.Exists(candidate));
        return found is null ? null : Path.GetFullPath(found);
    }

    private static int ReadThreads(CommandWords words)
    {
        string? text = words.Value("--threads");
        return text is null ? 0
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= MaxThreads ? threads
            : throw new UsageException($"--threads must be 1 to {MaxThreads}; got '{text}'");
    }
}
