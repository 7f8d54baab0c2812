using System.Text.RegularExpressions;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Rules about what is sent to the broker. Each returns one line for every offender: its path, what must hold, what it has.</summary>
internal static partial class PublishRules
{
    private const string Product = "worker/";

    /// <summary>
    /// No publish of the product can be cancelled: a publish that is cut half-way can leave the client's count of confirms wrong, or never return.
    /// </summary>
    public static IReadOnlyList<string> CancellablePublishes(IEnumerable<RepositoryFile> files)
    {
        List<string> offenders = [];
        foreach (RepositoryFile file in SourcesOfProduct(files))
        {
            string code = CSharpText.CodeOnly(file.Text);
            foreach (Match call in Publish().Matches(code))
            {
                string arguments = Arguments(code, call.Index + call.Length);
                if (!arguments.Contains("CancellationToken.None", StringComparison.Ordinal))
                {
                    offenders.Add($"{file.Path} must give CancellationToken.None to {call.Groups["name"].Value}; got ({arguments})");
                }
            }
        }

        return offenders;
    }

    /// <summary>
    /// The product sends to exchanges only, by <c>BrokerNames.Address</c>. MassTransit declares a queue that is named by <c>queue:</c> again and without its
    /// arguments: the broker refuses that, or, when it is first, has a queue that loses what <c>vq.commands</c> keeps.
    /// </summary>
    public static IReadOnlyList<string> AddressesOfQueues(IEnumerable<RepositoryFile> files)
    {
        List<string> offenders = [];
        foreach (RepositoryFile file in SourcesOfProduct(files))
        {
            string code = CSharpText.CodeOnly(file.Text);
            offenders.AddRange(SendEndpoint().Matches(code)
                .Select(call => Arguments(code, call.Index + call.Length))
                .Where(arguments => !arguments.StartsWith("BrokerNames.Address(", StringComparison.Ordinal))
                .Select(arguments => $"{file.Path} must give BrokerNames.Address to GetSendEndpoint; got ({arguments})"));
            offenders.AddRange(QueueAddress().Matches(file.Text)
                .Select(address => $"{file.Path} must address exchanges only; got {address.Value}"));
        }

        return offenders;
    }

    private static IEnumerable<RepositoryFile> SourcesOfProduct(IEnumerable<RepositoryFile> files) =>
        files.Where(file => file.Path.StartsWith(Product, StringComparison.Ordinal) && file.Path.EndsWith(".cs", StringComparison.Ordinal));

    // What stands between the parenthesis before the start and its partner.
    private static string Arguments(string code, int start)
    {
        int depth = 1;
        for (int index = start; index < code.Length; index++)
        {
            depth += code[index] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0)
            {
                return code[start..index];
            }
        }

        return code[start..];
    }

    [GeneratedRegex(@"\.(?<name>BasicPublishAsync(?:<\w+>)?|(?<=[eE]ndpoint\.)Send|(?<=bus\.)Publish)\(")]
    private static partial Regex Publish();

    [GeneratedRegex(@"\bGetSendEndpoint\(")]
    private static partial Regex SendEndpoint();

    // In literals: prose in comments quotes no address.
    [GeneratedRegex("\"queue:", RegexOptions.IgnoreCase)]
    private static partial Regex QueueAddress();
}
