using Qwen3VL.Conformance.Checks;
using Qwen3VL.Conformance.Reports;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Runs the cases of one folder one after another. No failure of one keeps the next from running.</summary>
internal sealed class CaseRunner(ProgressLine progress, Func<string, bool> isSkipped)
{
    private readonly List<CaseReport> _cases = [];
    private readonly List<string> _notes = [];

    /// <summary>Every case so far.</summary>
    public IReadOnlyList<CaseReport> Cases => _cases;

    /// <summary>What was left out, and why.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Whether a file was left out because the command line says so.</summary>
    public bool HasSkipped { get; private set; }

    /// <summary>Runs one golden; an exception is its mismatch.</summary>
    public void Case(string name, Action<CaseCheck> run)
    {
        progress.Case(_cases.Count + 1, name);
        var check = new CaseCheck(name);
        Guard(check, run);
        _cases.Add(check.Report());
    }

    /// <summary>
    /// Opens a file of goldens whose cases <paramref name="run"/> adds. What goes wrong outside of a case fails as a case of the file's name,
    /// and so does a file without a case.
    /// </summary>
    public void Section(string file, Action run)
    {
        if (isSkipped(file))
        {
            HasSkipped = true;
            _notes.Add($"{file} was left out by --skip");
            return;
        }

        int before = _cases.Count;
        Outside(file, check =>
        {
            run();
            if (_cases.Count == before)
            {
                check.Fail($"{file} must hold goldens; got none");
            }
        });
    }

    /// <summary>Does what belongs to no case; when it goes wrong, that is a failed case of this name.</summary>
    public void Outside(string name, Action<CaseCheck> run)
    {
        var check = new CaseCheck(name);
        Guard(check, run);
        if (!check.HasPassed)
        {
            _cases.Add(check.Report());
        }
    }

    /// <summary>Says something about the folder that is no failure.</summary>
    public void Note(string note) => _notes.Add(note);

    // The edge of the program: whatever one golden does, the others must run, and the report must say what happened.
    private static void Guard(CaseCheck check, Action<CaseCheck> run)
    {
        try
        {
            run(check);
        }
        catch (Exception exception)
        {
            check.Fail($"{exception.GetType().Name}: {exception.Message}");
        }
    }
}
