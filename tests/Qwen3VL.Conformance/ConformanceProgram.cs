using Qwen3VL.Conformance.Folders;
using Qwen3VL.Conformance.Reports;

namespace Qwen3VL.Conformance;

/// <summary>The program: finds the goldens, runs them folder by folder, prints the report.</summary>
internal static class ConformanceProgram
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">The words after the program's name.</param>
    /// <param name="output">Gets the report.</param>
    /// <param name="errors">Gets what is wrong with the command line, and progress.</param>
    /// <param name="showProgress">Whether progress is wanted: a terminal is looking.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, bool showProgress)
    {
        try
        {
            ConformanceOptions? options = ConformanceOptions.Parse(arguments);
            if (options is null)
            {
                output.WriteLine(ConformanceOptions.Help);
                return ExitCodes.Passed;
            }

            return Run(options, output, new ProgressLine(showProgress ? errors : TextWriter.Null));
        }
        catch (UsageException exception)
        {
            errors.WriteLine($"conform: {exception.Message}");
            errors.WriteLine("See: conform --help");
            return ExitCodes.Usage;
        }
    }

    private static int Run(ConformanceOptions options, TextWriter output, ProgressLine progress)
    {
        using var context = new GoldenContext(options);
        IReadOnlyList<GoldenFolder> folders = GoldenTree.Find(context, out IReadOnlyList<string> notes);
        if (folders.Count == 0)
        {
            throw new UsageException($"DIR must hold goldens (tokenizer, chat, image, video, ...); got none in '{options.Folder}'");
        }

        if (options.JsonFile is not null)
        {
            // Found out now: the run is long.
            Write(options.JsonFile, file => File.Open(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose());
        }

        var report = new TextReport(output, folders.Max(folder => folder.Name.Length), options.Verbose);
        report.Head();
        var reports = new List<FolderReport>();
        foreach (GoldenFolder folder in folders)
        {
            progress.Begin(folder.Name);
            FolderReport result = FolderRun.Run(folder, progress);
            progress.Clear();
            report.Folder(result);
            reports.Add(result);
        }

        report.End(reports, notes);
        if (options.JsonFile is not null)
        {
            Write(options.JsonFile, file => File.WriteAllText(file, JsonReport.Write(reports, notes)));
        }

        return reports.TrueForAll(result => result.Failed == 0) ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static void Write(string file, Action<string> write)
    {
        try
        {
            write(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--json must name a file that can be written; got '{file}' ({exception.Message})");
        }
    }
}
