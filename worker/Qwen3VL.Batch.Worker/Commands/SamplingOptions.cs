using System.CommandLine;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>The options that say how tokens are chosen, the same for <c>submit</c> and <c>generate</c>.</summary>
internal sealed class SamplingOptions
{
    private readonly Option<int?> _maxOutputTokens = new("--max-output-tokens")
    {
        Description = "Most tokens of one answer",
        HelpName = "NUMBER",
    };

    private readonly Option<double?> _temperature = new("--temperature")
    {
        Description = "0, the default, is greedy decoding",
        HelpName = "NUMBER",
    };

    private readonly Option<double?> _topP = new("--top-p") { Description = "Nucleus sampling bound, (0, 1]", HelpName = "NUMBER" };
    private readonly Option<int?> _topK = new("--top-k") { Description = "Number of most probable tokens kept", HelpName = "NUMBER" };
    private readonly Option<long?> _seed = new("--seed") { Description = "Seed of sampling", HelpName = "NUMBER" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _maxOutputTokens, _temperature, _topP, _topK, _seed })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>A job's options with these.</summary>
    public JobOptions Apply(ParseResult call, JobOptions options) => options with
    {
        MaxOutputTokens = call.GetValue(_maxOutputTokens),
        Temperature = call.GetValue(_temperature),
        TopP = call.GetValue(_topP),
        TopK = call.GetValue(_topK),
        Seed = call.GetValue(_seed),
    };

    /// <summary>A request with these.</summary>
    public GenerationRequest Apply(ParseResult call, GenerationRequest request) => request with
    {
        MaxOutputTokens = call.GetValue(_maxOutputTokens) ?? request.MaxOutputTokens,
        Sampling = request.Sampling with
        {
            Temperature = call.GetValue(_temperature) ?? request.Sampling.Temperature,
            TopP = call.GetValue(_topP) ?? request.Sampling.TopP,
            TopK = call.GetValue(_topK) ?? request.Sampling.TopK,
            Seed = unchecked((ulong)(call.GetValue(_seed) ?? 0)),
        },
    };
}
