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
    public static IReadOnlyList<GoldenFolder> Find(GoldenContext context, out IReadOnlyList<string> notes)
    {
        var found = new List<GoldenFolder>();
        var said = new List<string>();
        string root = context.Options.Folder;
        foreach ((string name, Func<string, GoldenContext, GoldenFolder> create) in Kinds())
        {
            if (!ModelParents.Contains(name))
            {
                Add(name);
                continue;
            }

            foreach (string below in Below(Path.Combine(root, name)))
            {
                Add($"{name}/{below}");
            }

            void Add(string folder)
            {
                if (Directory.Exists(Path.Combine(root, folder)))
                {
                    found.Add(create(folder, context));
                }
            }
        }

        IEnumerable<string> unknown = Below(root).Except(Kinds().Select(kind => kind.Name)).Except(OtherTests);
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

    private static IEnumerable<string> Below(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateDirectories(folder)
        .Select(path => Path.GetFileName(path))
        .Where(name => !name.StartsWith('.'))
        .Order(StringComparer.Ordinal);
}
