using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>generate</c>: one prompt straight through the engine, streamed to stdout; no broker, no database.</summary>
internal sealed class GenerateCommand : IBatchCommand
{
    // What a job may ask for, too.
    private const int MaxFramesPerSecond = 60;

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly SamplingOptions _sampling = new();
    private readonly AnswerOptions _answer = new();
    private readonly Argument<string> _prompt = new("PROMPT") { Description = "What is asked; - reads stdin" };

    private readonly Option<string[]> _images = new("--image", "-i")
    {
        Description = "A picture, or a page of a PDF as FILE#PAGE; may be repeated",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _videos = new("--video")
    {
        Description = "A video, given to the model as one clip; may be repeated",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<double?> _fps = new("--fps") { Description = "Frames a second taken from videos", HelpName = "NUMBER" };
    private readonly Option<string?> _system = new("--system") { Description = "Instructions before the prompt", HelpName = "TEXT" };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "One JSON object with text, reason of the end and usage, instead of the stream",
    };

    /// <summary>Creates it.</summary>
    public GenerateCommand(GlobalOptions globals, Connections connections, Terminal terminal)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        Command = new Command(
            "generate",
            "Asks the model one thing, with pictures or videos before the words, and streams the answer. Needs no server.");
        Command.Arguments.Add(_prompt);
        foreach (Option option in new Option[] { _images, _videos, _fps, _system, _json })
        {
            Command.Options.Add(option);
        }

        _sampling.AddTo(Command);
        _answer.AddTo(Command, _json);
        Command.Validators.Add(result =>
        {
            if (result.GetValue(_fps) is { } fps && !(fps > 0 && fps <= MaxFramesPerSecond))
            {
                result.AddError($"--fps must be above 0 and at most {MaxFramesPerSecond}; got {fps.ToString(CultureInfo.InvariantCulture)}");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch generate "Read all the text in the image." --image report.pdf#2
        qwen3vl-batch generate "Describe this image." --image scene.png
        qwen3vl-batch generate "Summarize this video." --video clip.mp4 --fps 2 --json
        qwen3vl-batch generate "List the totals." --image bill.png --json-schema totals.schema.json
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Engine | SettingsSections.Planning);
        string prompt = call.GetRequiredValue(_prompt) is var given && given == "-"
            ? await Console.In.ReadToEndAsync(cancellationToken).ConfigureAwait(false)
            : given;
        await using IInferenceEngine engine = _connections.LoadEngine(settings, cancellationToken);
        GenerationRequest request = await RequestAsync(call, settings, engine.Description, prompt, cancellationToken).ConfigureAwait(false);
        IGeneration generation = await engine.SubmitAsync(request, cancellationToken).ConfigureAwait(false);
        await using CancellationTokenRegistration stop = cancellationToken.Register(generation.Abort);
        if (!call.GetValue(_json))
        {
            await StreamAsync(generation, cancellationToken).ConfigureAwait(false);
        }

        GenerationResult result = await generation.Completion.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Conclude(call, result);
        return ExitCodes.Done;
    }

    private async Task<GenerationRequest> RequestAsync(
        ParseResult call, Settings settings, EngineDescription engine, string prompt, CancellationToken cancellationToken)
    {
        PromptMedia media = new(_connections.OpenDecoder(settings), engine, settings.Planning.Dpi);
        List<PromptPart> parts = [];
        foreach (string image in call.GetValue(_images) ?? [])
        {
            parts.Add(await media.ImageAsync(image, cancellationToken).ConfigureAwait(false));
        }

        foreach (string video in call.GetValue(_videos) ?? [])
        {
            parts.Add(await media.VideoAsync(video, call.GetValue(_fps), cancellationToken).ConfigureAwait(false));
        }

        parts.Add(new TextPart(prompt));
        List<ChatMessage> messages = [];
        if (call.GetValue(_system) is { } system)
        {
            messages.Add(new ChatMessage(ChatRole.System, [new TextPart(system)]));
        }

        messages.Add(new ChatMessage(ChatRole.User, parts));
        var request = new GenerationRequest { Messages = messages, MaxOutputTokens = settings.Planning.MaxOutputTokens };
        return await _answer.ApplyAsync(call, _sampling.Apply(call, request), cancellationToken).ConfigureAwait(false);
    }

    private async Task StreamAsync(IGeneration generation, CancellationToken cancellationToken)
    {
        await foreach (string piece in generation.ReadTextAsync(cancellationToken).ConfigureAwait(false))
        {
            // A pipe gets the text as it is; a terminal must not obey it.
            await _terminal.Out.WriteAsync(_terminal.OutIsTerminal ? SafeText.Lines(piece) : piece).ConfigureAwait(false);
            await _terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        await _terminal.Out.WriteLineAsync().ConfigureAwait(false);
    }

    private void Conclude(ParseResult call, GenerationResult result)
    {
        if (call.GetValue(_json))
        {
            IReadOnlyList<TokenLogProbability>? logProbabilities = result.OutputLogProbabilities is { Count: > 0 } given ? given : null;
            _terminal.Json(new { result.Text, result.Reasoning, result.FinishReason, result.Usage, logProbabilities });
        }
        else if (_terminal.ErrorIsTerminal)
        {
            GenerationUsage usage = result.Usage;
            _terminal.Note(string.Create(
                CultureInfo.InvariantCulture,
                $"[{usage.PromptTokens} prompt tokens ({usage.ImageTokens} image), {usage.OutputTokens} output tokens, {Timecode.Duration(usage.EngineTime)}]"));
        }

        if (result.FinishReason == FinishReason.Length)
        {
            _terminal.Note("the answer is cut at the output limit; --max-output-tokens raises it");
        }
    }
}
