using System.CommandLine;
using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary>Options that say what follow-up jobs do differently; their bounds are checked against each job.</summary>
internal sealed class ReplayChangeOptions
{
    private readonly Option<int?> _dpi = new("--dpi") { Description = "Follow-up jobs: resolution of PDF pages", HelpName = "NUMBER" };
    private readonly Option<int?> _maxPixels = new("--max-pixels") { Description = "Follow-up jobs: most pixels of a page or window", HelpName = "NUMBER" };
    private readonly Option<int?> _pages = new("--pages-per-chunk") { Description = "Follow-up jobs: cut chunks of more pages", HelpName = "NUMBER" };
    private readonly Option<int?> _tokens = new("--max-output-tokens") { Description = "Follow-up jobs: longest answer", HelpName = "NUMBER" };
    private readonly Option<double?> _temperature = new("--temperature") { Description = "Follow-up jobs: 0 is greedy", HelpName = "NUMBER" };
    private readonly Option<long?> _seed = new("--seed") { Description = "Follow-up jobs: seed of sampling", HelpName = "NUMBER" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_dpi);
        command.Options.Add(_maxPixels);
        command.Options.Add(_pages);
        command.Options.Add(_tokens);
        command.Options.Add(_temperature);
        command.Options.Add(_seed);
    }

    /// <summary>What was given.</summary>
    public ReplayChanges Changes(ParseResult call) => new()
    {
        Dpi = call.GetValue(_dpi),
        MaxPixels = call.GetValue(_maxPixels),
        PagesPerChunk = call.GetValue(_pages),
        MaxOutputTokens = call.GetValue(_tokens),
        Temperature = call.GetValue(_temperature),
        Seed = call.GetValue(_seed),
    };
}
