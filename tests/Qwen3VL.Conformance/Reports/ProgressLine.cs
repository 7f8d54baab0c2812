namespace Qwen3VL.Conformance.Reports;

/// <summary>One line on a terminal that says which case runs, rewritten in place.</summary>
internal sealed class ProgressLine(TextWriter terminal)
{
    private const int Width = 100;
    private string _folder = "";

    /// <summary>A folder begins.</summary>
    public void Begin(string folder)
    {
        _folder = folder;
        Write(folder);
    }

    /// <summary>A case begins.</summary>
    public void Case(int number, string name) => Write($"{_folder}: {number} {name}");

    /// <summary>Takes the line away.</summary>
    public void Clear() => terminal.Write("\r" + new string(' ', Width) + "\r");

    private void Write(string text) => terminal.Write("\r" + (text.Length > Width ? text[..Width] : text.PadRight(Width)));
}
