using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The library's help, then the command's examples and the exit codes.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const string ExitCodeLines = """
        Exit codes:
          0    done
          1    a job failed, was refused or cancelled, or is not there or not finished; a check failed;
               less was done than was asked for
          2    the command line, a manifest or the configuration is wrong; nothing was done
          3    the broker, the database or the model cannot be reached
          4    a job ended with a part of its results
          70   a defect of the program
          130  interrupted
        """;

    private readonly IReadOnlyDictionary<Command, string> _examples;
    private readonly HelpAction _help;

    /// <summary>Wraps the default help.</summary>
    /// <param name="help">The library's.</param>
    /// <param name="examples">Lines of examples by command.</param>
    public HelpWithExamples(HelpAction help, IReadOnlyDictionary<Command, string> examples)
    {
        _help = help;
        _examples = examples;
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = _help.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (_examples.TryGetValue(parseResult.CommandResult.Command, out string? lines))
        {
            output.WriteLine("Examples:");
            foreach (string line in lines.Split('\n'))
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        output.WriteLine(ExitCodeLines);
        return result;
    }
}
