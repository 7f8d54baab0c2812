namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Shows something again and again: in place on a terminal, one block for each change in a pipe.</summary>
internal static class Watch
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // ECMA-48: cursor to the upper left, then erase from there on. Erasing first would flicker.
    private const string Home = "\u001b[H\u001b[J";

    /// <summary>Looks and shows until there is nothing more to wait for.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="time">Clock of the waits.</param>
    /// <param name="look">Prints to the terminal that it is given; says whether to go on.</param>
    /// <param name="cancellationToken">Ends it, for example by Ctrl+C.</param>
    public static async Task RunAsync(Terminal terminal, TimeProvider time, Func<Terminal, Task<bool>> look, CancellationToken cancellationToken)
    {
        string shown = "";
        while (true)
        {
            using StringWriter block = new();
            bool goOn = await look(new Terminal(block, terminal.Error, terminal.OutIsTerminal, terminal.ErrorIsTerminal)).ConfigureAwait(false);
            string text = block.ToString();
            if (terminal.OutIsTerminal)
            {
                await terminal.Out.WriteAsync(Home + text).ConfigureAwait(false);
            }
            else if (text != shown)
            {
                await terminal.Out.WriteAsync(text).ConfigureAwait(false);
            }

            shown = text;
            if (!goOn)
            {
                return;
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
