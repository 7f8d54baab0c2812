using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The options of <c>generate</c> that say what the answer must look like and what is told of its tokens.</summary>
internal sealed class AnswerOptions
{
    private const int MaxLogProbabilities = 20;

    // What the engine takes is less; this bounds what is read.
    private const long MaxSchemaBytes = 1 << 20;

    private readonly Option<string?> _jsonSchema = new("--json-schema")
    {
        Description = "A JSON Schema that the answer must be valid under; tokens that would leave it are not chosen",
        HelpName = "FILE",
    };

    private readonly Option<int?> _logProbabilities = new("--logprobs")
    {
        Description = $"With --json: log-probabilities of the output tokens, each with so many alternatives, 0..{MaxLogProbabilities}",
        HelpName = "NUMBER",
    };

    private readonly Option<string[]> _logitBias = new("--logit-bias")
    {
        Description = "Added to the logit of a token, -100..100; may be repeated",
        HelpName = "ID=NUMBER",
        DefaultValueFactory = _ => [],
    };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="json">Its option for JSON output, which log-probabilities need.</param>
    public void AddTo(Command command, Option<bool> json)
    {
        foreach (Option option in new Option[] { _jsonSchema, _logProbabilities, _logitBias })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result => Check(result, json));
    }

    /// <summary>A request with these.</summary>
    /// <exception cref="CommandException">The schema is no file that can be read as one.</exception>
    public async Task<GenerationRequest> ApplyAsync(ParseResult call, GenerationRequest request, CancellationToken cancellationToken) => request with
    {
        Constraint = call.GetValue(_jsonSchema) is { } path ? await ReadSchemaAsync(path, cancellationToken).ConfigureAwait(false) : null,
        OutputLogProbabilities = call.GetValue(_logProbabilities),
        Sampling = request.Sampling with { LogitBias = BiasesOf(call.GetValue(_logitBias) ?? []) },
    };

    private static async Task<JsonSchemaConstraint> ReadSchemaAsync(string path, CancellationToken cancellationToken)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxSchemaBytes)
        {
            throw new CommandException(
                ExitCodes.Usage,
                $"--json-schema must be a file of at most {MaxSchemaBytes} bytes; got '{path}'{(file.Exists ? $" of {file.Length}" : ", which there is not")}");
        }

        return new JsonSchemaConstraint(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
    }

    private void Check(CommandResult result, Option<bool> json)
    {
        if (result.GetValue(_logProbabilities) is { } number && !(number is >= 0 and <= MaxLogProbabilities && result.GetValue(json)))
        {
            result.AddError($"--logprobs must be in 0..{MaxLogProbabilities} and come with --json; got {number}");
        }

        foreach (string bias in result.GetValue(_logitBias) ?? [])
        {
            if (!TryParse(bias, out _, out _))
            {
                result.AddError($"--logit-bias must be a token id, = and a number; got '{bias}'");
            }
        }
    }

    private static Dictionary<int, double> BiasesOf(string[] values)
    {
        var biases = new Dictionary<int, double>();
        foreach (string value in values)
        {
            // The last one counts, as with every option that is given again. What is no bias was refused with the command line.
            if (TryParse(value, out int tokenId, out double bias))
            {
                biases[tokenId] = bias;
            }
        }

        return biases;
    }

    private static bool TryParse(string text, out int tokenId, out double bias)
    {
        bias = 0;
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return int.TryParse(text.AsSpan(0, Math.Max(equals, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out tokenId)
            && double.TryParse(text.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out bias);
    }
}
