namespace Qwen3VL.Conformance.Folders;

/// <summary>Goldens of one kind that lie in one folder.</summary>
internal abstract class GoldenFolder(string name, GoldenContext context)
{
    /// <summary>Path below the folder of goldens, with <c>/</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Full path.</summary>
    public string Path { get; } = System.IO.Path.Combine(context.Options.Folder, name);

    /// <summary>What all folders share.</summary>
    protected GoldenContext Context { get; } = context;

    /// <summary>Files of this folder that hold goldens: with them the runner tells what it does not know.</summary>
    public virtual bool IsKnown(string fileName) => false;

    /// <summary>Whether <c>--skip</c> leaves out a file of this folder: it names the folder and how the file's name begins, or all of it.</summary>
    public bool IsSkipped(string fileName) =>
        Context.Options.Skip.Any(skip => $"{Name}/{fileName}".StartsWith(skip, StringComparison.Ordinal) && skip.Length > Name.Length + 1);

    /// <summary>Runs every golden.</summary>
    public abstract void Run(CaseRunner cases);

    /// <summary>Full path of a file in the folder.</summary>
    protected string File(string file) => System.IO.Path.Combine(Path, file);
}
