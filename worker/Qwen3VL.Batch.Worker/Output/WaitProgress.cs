using System.Globalization;
using Qwen3VL.Batch.Worker.Submission;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Shows jobs that are waited for: moving bars on a terminal, one line for each change in a pipe or log.</summary>
internal static class WaitProgress
{
    // More bars than this do not fit a screen; then one bar stands for all.
    private const int MostBars = 12;

    /// <summary>Shows progress while <paramref name="wait"/> runs.</summary>
    /// <param name="terminal">Where; progress goes to stderr.</param>
    /// <param name="jobs">The jobs in order.</param>
    /// <param name="wait">Waits and reports every change with the job's position.</param>
    public static async Task<IReadOnlyList<WaitedJob>> ShowAsync(
        Terminal terminal,
        IReadOnlyList<WaitedJob> jobs,
        Func<Action<int, WaitedJob>, Task<IReadOnlyList<WaitedJob>>> wait)
    {
        if (!terminal.ErrorIsTerminal)
        {
            return await wait((_, job) => terminal.Note(Plain(job))).ConfigureAwait(false);
        }

        return await terminal.ErrorConsole.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new ElapsedTimeColumn())
            .StartAsync(context => wait(Bars(context, jobs)))
            .ConfigureAwait(false);
    }

    private static Action<int, WaitedJob> Bars(ProgressContext context, IReadOnlyList<WaitedJob> jobs)
    {
        if (jobs.Count > MostBars)
        {
            double[] shares = new double[jobs.Count];
            ProgressTask all = context.AddTask(string.Create(CultureInfo.InvariantCulture, $"{jobs.Count} jobs"), maxValue: jobs.Count);
            return (index, job) =>
            {
                shares[index] = job.Share;
                all.Value = shares.Sum();
            };
        }

        ProgressTask[] bars = [.. jobs.Select(job => context.AddTask(Description(job), maxValue: 1))];
        return (index, job) =>
        {
            bars[index].Description = Description(job);
            bars[index].Value = job.Share;
        };
    }

    private static string Plain(WaitedJob job)
    {
        string chunks = job.Record is { } record ? $" {JobWords.Progress(record)}" : "";
        return $"{job.Source}: {job.State}{chunks}";
    }

    private static string Description(WaitedJob job) => Markup.Escape(SafeText.Line($"{job.Source} {job.State}"));
}
