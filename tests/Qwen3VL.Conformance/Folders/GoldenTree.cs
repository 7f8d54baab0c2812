namespace Qwen3VL.Conformance.Folders;

/// <summary>Finds the folders of goldens.</summary>
internal static class GoldenTree
{
    private static readonly string[] ModelParents = ["models", "lora"];

    // Made by hand for the product's own tests; not from the reference.
    private static readonly string[] OtherTests = ["contracts"];

    /// <summary>Every folder to run, in a fixed order.</summary>
    /// <param name="context">What they share.</param>
    /// <param name="notes">What is there and not run.</param>
    /// <exception cref="UsageException">The folder of goldens cannot be read, or <c>--only</c> names nothing in it.</exception>
    public static IReadOnlyList<GoldenFolder> Find(GoldenContext context, out IReadOnlyList<string> notes)
    {
        var found = new List<GoldenFolder>();
        var said = new List<string>();
        string root = context.Options.Folder;
        string[] names = Below(root) ?? throw new UsageException($"DIR must be a folder that can be read; got '{root}'");
        foreach ((string name, Func<string, GoldenContext, GoldenFolder> create) in Kinds())
        {
            if (!ModelParents.Contains(name))
            {
                Add(name);
                continue;
            }

            // One that cannot be read is run as it is, and so fails with the reason.
            foreach (string folder in Below(Path.Combine(root, name))?.Select(below => $"{name}/{below}") ?? [name])
            {
                Add(folder);
            }

            void Add(string folder)
            {
                if (Directory.Exists(Path.Combine(root, folder)))
                {
                    found.Add(create(folder, context));
                }
            }
        }

        IEnumerable<string> unknown = names.Except(Kinds().Select(kind => kind.Name)).Except(OtherTests);
        said.AddRange(unknown.Select(name => $"{name} was not run: this runner knows no goldens of that folder"));
        IReadOnlyList<GoldenFolder> chosen = [.. found.Where(folder => IsChosen(folder.Name, context.Options, said))];
        foreach (string only in context.Options.Only.Where(only => !found.Exists(folder => IsIn(folder.Name, only))))
        {
            throw new UsageException($"--only must name a folder of goldens; got '{only}'");
        }

        notes = said;
        return chosen;
    }

    private static (string Name, Func<string, GoldenContext, GoldenFolder> Create)[] Kinds() =>
    [
        ("tokenizer", (name, context) => new TokenizerFolder(name, context)),
        ("chat", (name, context) => new ChatFolder(name, context)),
        ("image", (name, context) => new ImageFolder(name, context)),
        ("video", (name, context) => new VideoFolder(name, context)),
        ("processor", (name, context) => new ProcessorFolder(name, context)),
        ("evs", (name, context) => new EvsFolder(name, context)),
        ("sampling", (name, context) => new SamplingFolder(name, context)),
        ("models", (name, context) => new ModelFolder(name, context)),
        ("lora", (name, context) => new LoraFolder(name, context)),
        ("tiny", (name, context) => new TinyFolder(name, context)),
    ];

    private static bool IsChosen(string name, ConformanceOptions options, List<string> said)
    {
        if (options.Skip.Any(skip => IsIn(name, skip)))
        {
            said.Add($"{name} was left out by --skip");
            return false;
        }

        return options.Only.Count == 0 || options.Only.Any(only => IsIn(name, only));
    }

    private static bool IsIn(string name, string folder) =>
        name == folder.TrimEnd('/') || name.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Names of the folders in a folder; none when it is not there, null when it cannot be read.</summary>
    private static string[]? Below(string folder)
    {
        try
        {
            return !Directory.Exists(folder) ? [] :
            [
                .. Directory.EnumerateDirectories(folder)
                    .Select(path => Path.GetFileName(path))
                    .Where(name => !name.StartsWith('.'))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
