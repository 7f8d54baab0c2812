namespace Qwen3VL.Conformance;

/// <summary>The words of a command line, cut into flags, options with values and the rest. <c>--name value</c> and <c>--name=value</c> are one.</summary>
internal sealed class CommandWords
{
    private static readonly string[] Flags = ["--verbose"];
    private static readonly string[] Single = ["--tiny-tokenizer", "--qwen-tokenizer", "--reference", "--tiny-model", "--threads", "--json"];
    private static readonly string[] Repeated = ["--only", "--skip"];

    private readonly List<string> _positional = [];
    private readonly List<(string Name, string Value)> _options = [];

    /// <summary>Cuts a line.</summary>
    /// <exception cref="UsageException">An option is unknown, lacks its value, or is given twice.</exception>
    public CommandWords(IReadOnlyList<string> arguments)
    {
        for (int i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith('-') || arguments[i] == "-")
            {
                _positional.Add(arguments[i]);
                continue;
            }

            string[] parts = arguments[i].Split('=', 2);
            string name = parts[0];
            if (Flags.Contains(name) && parts.Length == 1)
            {
                _options.Add((name, ""));
            }
            else if (Single.Contains(name) || Repeated.Contains(name))
            {
                string value = parts.Length == 2 ? parts[1] : i + 1 < arguments.Count ? arguments[++i] : "";
                Add(name, value);
            }
            else
            {
                throw new UsageException($"an option must be a known one; got '{arguments[i]}'");
            }
        }
    }

    /// <summary>What is no option.</summary>
    public IReadOnlyList<string> Positional => _positional;

    /// <summary>Whether a flag is there.</summary>
    public bool Has(string flag) => _options.Exists(option => option.Name == flag);

    /// <summary>The value of an option; null when it is not there.</summary>
    public string? Value(string name) => Values(name) is [string value] ? value : null;

    /// <summary>All values of an option that may be repeated.</summary>
    public IReadOnlyList<string> Values(string name) => [.. _options.Where(option => option.Name == name).Select(option => option.Value)];

    /// <summary>The value of an option as a full path; null when it is not there.</summary>
    public string? Path(string name) => Value(name) is string value ? System.IO.Path.GetFullPath(value) : null;

    private void Add(string name, string value)
    {
        if (value.Length == 0)
        {
            throw new UsageException($"{name} must have a value; got none");
        }

        if (Single.Contains(name) && Has(name))
        {
            throw new UsageException($"{name} must be given once; got it twice");
        }

        _options.Add((name, value));
    }
}
