using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Batch.Worker.Submission;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>submit</c>: sends jobs through the broker, and waits for them when asked to.</summary>
internal sealed class SubmitCommand : IBatchCommand
{
    // A year: longer than any job, short enough for a TimeSpan.
    private const int MaxTimeoutSeconds = 366 * 24 * 3600;

    private static readonly TimeSpan PatienceWithoutWorker = TimeSpan.FromSeconds(15);

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly TaskOptions _tasks = new();

    private readonly Argument<string[]> _paths = new("PATH")
    {
        Description = "Files, folders or patterns, relative to the source root or absolute below it; or http(s) URLs, which workers with Media:AllowedHosts fetch",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _manifest = new("--manifest", "-m")
    {
        Description = "File of JSON lines, one job each; - reads stdin",
        HelpName = "FILE",
    };

    private readonly Option<JobKind?> _kind = new("--kind")
    {
        Description = "What the files are; default: found out from each file, of a URL from the ending of its path",
        HelpName = "document|video",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "Idempotency key of the job; of several files each gets KEY-1, KEY-2, ... Default: made from content, name, tasks and options, so that submitting again is safe",
        HelpName = "KEY",
    };

    private readonly Option<bool> _again = new("--again")
    {
        Description = "Does the work anew although it was done before, for example with another model",
    };

    private readonly Option<int> _priority = new("--priority")
    {
        Description = "0 (whenever) .. 9 (at once)",
        DefaultValueFactory = _ => 5,
        HelpName = "NUMBER",
    };

    private readonly Option<DateTimeOffset?> _deadline = new("--deadline")
    {
        Description = "After this the job is given up, for example 2030-01-31T18:00Z",
        HelpName = "TIME",
    };

    private readonly Option<bool> _wait = new("--wait", "-w") { Description = "Waits until every job has ended, with progress on stderr" };
    private readonly Option<double?> _timeout = new("--timeout") { Description = "With --wait: the longest wait", HelpName = "SECONDS" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a job instead of text" };

    /// <summary>Creates it.</summary>
    public SubmitCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command("submit", "Sends jobs to the workers. The same work submitted twice is done once.");
        Command.Arguments.Add(_paths);
        _tasks.AddTo(Command);
        foreach (Option option in new Option[] { _manifest, _kind, _key, _again, _priority, _deadline, _wait, _timeout, _json })
        {
            Command.Options.Add(option);
        }

        Command.Validators.Add(result =>
        {
            if ((result.GetValue(_paths) ?? []).Length == 0 && result.GetValue(_manifest) is null)
            {
                result.AddError("at least one file, folder, pattern or --manifest must be given; got none");
            }

            if (result.GetValue(_again) && result.GetValue(_key) is not null)
            {
                result.AddError("--again must be given without --key: a new key is a new job");
            }

            if (result.GetValue(_timeout) is { } seconds && !(seconds > 0 && seconds <= MaxTimeoutSeconds))
            {
                result.AddError($"--timeout must be above 0 and at most {MaxTimeoutSeconds} seconds; got {seconds.ToString(CultureInfo.InvariantCulture)}");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch submit report.pdf --task ocr --wait
        qwen3vl-batch submit 'invoices/2026/*.pdf' --task ocr --task spotting --pages 1-3
        qwen3vl-batch submit photo.jpg --label "red circle" --label "blue star"
        qwen3vl-batch submit clip.mp4 --task events --task summary --fps 2 --wait
        qwen3vl-batch submit https://store.example.org/2026/report --kind document --wait
        qwen3vl-batch submit --manifest jobs.jsonl --json
          a line: {"source":{"uri":"a.pdf"},"tasks":[{"kind":"grounding","labels":["red circle"]}],"options":{"lastPage":3}}
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        // URLs alone need no source root.
        bool files = call.GetValue(_manifest) is not null || !(call.GetValue(_paths) ?? []).All(SourceUrl.IsUrl);
        Settings settings = _globals.Load(call, SettingsSections.Broker | SettingsSections.Planning | (
            files ? SettingsSections.Media : 0) | (call.GetValue(_wait) ? SettingsSections.Database : 0));
        IReadOnlyList<RequestedWork> work = await RequestedAsync(call, settings.Media.SourceRoot, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SubmitJob> jobs = await CreateAsync(call, settings, work, cancellationToken).ConfigureAwait(false);
        List<WaitedJob> sent = [];
        await using (ICommandSender sender = await _connections.OpenSenderAsync(settings, cancellationToken).ConfigureAwait(false))
        {
            foreach (SubmitJob job in jobs)
            {
                await sender.SubmitAsync(job, cancellationToken).ConfigureAwait(false);
                sent.Add(new WaitedJob(job, null, null));
                if (!call.GetValue(_wait))
                {
                    Report(call, sent[^1]);
                }
            }
        }

        return call.GetValue(_wait) ? await WaitAsync(call, settings, sent, cancellationToken).ConfigureAwait(false) : ExitCodes.Done;
    }

    private async Task<IReadOnlyList<RequestedWork>> RequestedAsync(
        ParseResult call,
        string sourceRoot,
        CancellationToken cancellationToken)
    {
        SourceSelection selection = new(sourceRoot, Directory.GetCurrentDirectory());
        List<RequestedWork> work = [];
        if (call.GetValue(_manifest) is { } manifest)
        {
            using TextReader reader = manifest == "-" ? Console.In : File.OpenText(manifest);
            work.AddRange(await new ManifestReader(selection).ReadAsync(
                reader,
                manifest == "-" ? "stdin" : manifest,
                cancellationToken).ConfigureAwait(false));
        }

        IReadOnlyList<JobTask> tasks = _tasks.Tasks(call);
        JobOptions options = _tasks.Options(call);
        work.AddRange(selection.Select(call.GetValue(_paths) ?? []).Select(source => new RequestedWork
        {
            Source = source,
            Kind = call.GetValue(_kind),
            Tasks = tasks,
            Options = options,
            Priority = call.GetValue(_priority),
            DeadlineAt = call.GetValue(_deadline),
        }));
        return call.GetValue(_key) is { } key
            ? [.. work.Select((item, index) => item with { Key = item.Key ?? (
                work.Count == 1 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}-{index + 1}")) })]
            : work;
    }

    // Every command is made and checked before the first is sent: a mistake in one costs nothing.
    private async Task<IReadOnlyList<SubmitJob>> CreateAsync(
        ParseResult call, Settings settings, IReadOnlyList<RequestedWork> work, CancellationToken cancellationToken)
    {
        if (call.GetValue(_again) && work.Any(item => item.Key is not null))
        {
            throw new CommandException(ExitCodes.Usage, "--again must be given without keys; a line of the manifest has an idempotencyKey of its own");
        }

        SubmitJobFactory factory = new(call.GetValue(_globals.Tenant), _timeProvider);
        List<SubmitJob> jobs = [];
        List<string> problems = [];
        foreach (RequestedWork item in work)
        {
            SubmitJob job = await factory.CreateAsync(item with { Again = call.GetValue(_again) }, cancellationToken).ConfigureAwait(false);
            problems.AddRange(SubmitJobValidator.Validate(job, settings.Planning, _timeProvider.GetUtcNow()).Select(problem => $"{SourceUrl.Display(job.Source.Uri)}: {problem}"));
            jobs.Add(job);
        }

        return problems.Count == 0 ? jobs : throw new InvalidWorkException(problems);
    }

    private async Task<int> WaitAsync(
        ParseResult call,
        Settings settings,
        IReadOnlyList<WaitedJob> sent,
        CancellationToken cancellationToken)
    {
        await using ReaderConnection connection = _connections.OpenReader(settings);
        JobWaiter waiter = new(connection.Reader, call.GetValue(_globals.Tenant), _timeProvider);
        TimeSpan? timeout = call.GetValue(_timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
        bool taken = false;
        using ITimer hint = _timeProvider.CreateTimer(
            _ => NoteMissingWorker(Volatile.Read(ref taken)), null, PatienceWithoutWorker, Timeout.InfiniteTimeSpan);
        IReadOnlyList<WaitedJob> ended = await WaitProgress.ShowAsync(
            _terminal,
            sent,
            changed => waiter.WaitAsync(
                sent,
                timeout,
                (index, job) =>
                {
                    Volatile.Write(ref taken, true);
                    changed(index, job);
                },
                cancellationToken)).ConfigureAwait(false);
        foreach (WaitedJob job in ended)
        {
            Report(call, job);
        }

        int before = ended.Count(job => job.WasDoneBefore);
        if (before > 0)
        {
            _terminal.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"{before} of {ended.Count} jobs had been done before and were not done again (--again does them anew)"));
        }

        return WaitedJob.ExitCodeOf(ended);
    }

    private void NoteMissingWorker(bool taken)
    {
        if (!taken)
        {
            _terminal.Note("no worker has taken the job yet; is one running? (qwen3vl-batch worker)");
        }
    }

    private void Report(ParseResult call, WaitedJob job)
    {
        JobError? error = job.Rejection ?? job.Record?.Error;
        if (call.GetValue(_json))
        {
            _terminal.Json(new { job.Key, job.Source, JobId = job.Record?.Id, job.State, Error = error });
            return;
        }

        _terminal.Line($"{job.State,-10} {job.Record?.Id.ToString() ?? job.Key}  {job.Source}{(error is null ? "" : $"  {error.Code}: {error.Message}")}");
    }
}
