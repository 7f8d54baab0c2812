using System.CommandLine;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Options of commands that list.</summary>
internal sealed class ListOptions
{
    /// <summary>Form of the list.</summary>
    public Option<ListFormat> Format { get; } = new("--format", "-f")
    {
        Description = "Form of the list",
        DefaultValueFactory = _ => ListFormat.Text,
        HelpName = "text|json|csv",
    };

    /// <summary>Show it again and again.</summary>
    public Option<bool> Watching { get; } = new("--watch", "-w") { Description = "Shows it every two seconds, until there is nothing to wait for or Ctrl+C" };
}
