using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>
/// Where a command writes: results to <c>Out</c>, everything else to <c>Error</c>, so that a pipe gets results only. Colours and moving
/// parts appear only when a person watches.
/// </summary>
internal sealed class Terminal
{
    private readonly Lazy<IAnsiConsole> _errorConsole;
    private readonly Lazy<IAnsiConsole> _outConsole;

    /// <summary>Creates one over any writers.</summary>
    /// <param name="output">Results.</param>
    /// <param name="error">Messages and progress.</param>
    /// <param name="outIsTerminal">A person sees <paramref name="output"/>.</param>
    /// <param name="errorIsTerminal">A person sees <paramref name="error"/>.</param>
    public Terminal(TextWriter output, TextWriter error, bool outIsTerminal, bool errorIsTerminal)
    {
        Out = output;
        Error = error;
        OutIsTerminal = outIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        _outConsole = new Lazy<IAnsiConsole>(() => CreateConsole(output, outIsTerminal));
        _errorConsole = new Lazy<IAnsiConsole>(() => CreateConsole(error, errorIsTerminal));
    }

    /// <summary>The process's own streams.</summary>
    public static Terminal ForProcess() => new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    /// <summary>Results.</summary>
    public TextWriter Out { get; }

    /// <summary>Messages and progress.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether a person sees <see cref="Out"/>.</summary>
    public bool OutIsTerminal { get; }

    /// <summary>Whether a person sees <see cref="Error"/>.</summary>
    public bool ErrorIsTerminal { get; }

    /// <summary>Tables and colours on <see cref="Out"/>; plain when it is not a terminal.</summary>
    public IAnsiConsole OutConsole => _outConsole.Value;

    /// <summary>Progress on <see cref="Error"/>.</summary>
    public IAnsiConsole ErrorConsole => _errorConsole.Value;

    /// <summary>One line of result; the text is made safe.</summary>
    public void Line(string text) => Out.WriteLine(SafeText.Line(text));

    /// <summary>One line of message; the text is made safe.</summary>
    public void Note(string text) => Error.WriteLine(SafeText.Line(text));

    /// <summary>One JSON value on a line of its own.</summary>
    public void Json<T>(T value) => Out.WriteLine(JsonSerializer.Serialize(value, ContractJson.Options));

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isTerminal) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        Out = new AnsiConsoleOutput(writer),
    });
}
