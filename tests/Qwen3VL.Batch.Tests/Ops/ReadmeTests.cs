using System.Reflection;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Ops;

/// <summary>The README names everything that people and programs rely on.</summary>
public sealed class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "README.md"));

    public static TheoryData<string> Codes => [.. Constants(typeof(ErrorCodes)).Select(constant => (string)constant)];

    public static TheoryData<int> Exits => [.. Constants(typeof(ExitCodes)).Select(constant => (int)constant)];

    public static TheoryData<string, string> Keys
    {
        get
        {
            TheoryData<string, string> keys = [];
            foreach (PropertyInfo section in typeof(Settings).GetProperties().Where(section => section.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)))
            {
                foreach (PropertyInfo key in section.PropertyType.GetProperties().Where(key => key.CanWrite))
                {
                    keys.Add(section.Name, key.Name);
                }
            }

            return keys;
        }
    }

    public static TheoryData<string> CommandsThatFail
    {
        get
        {
            string commands = Path.Combine(RepositoryPaths.Root, "worker", "Qwen3VL.Batch.Worker", "Commands");
            return
            [
                .. from file in Directory.EnumerateFiles(commands, "*Command.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                    let code = File.ReadAllText(file)
                    where code.Contains(nameof(ExitCodes) + "." + nameof(ExitCodes.Failed), StringComparison.Ordinal)
                    select Regex.Match(code, @"new Command\(\s*""([a-z]+)""").Groups[1].Value,
            ];
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void ErrorCodes_EveryOne_IsExplained(string code) => Text.ShouldContain($"`{code}`");

    [Theory]
    [MemberData(nameof(Exits))]
    public void ExitCodes_EveryOne_IsExplained(int code) => Text.ShouldContain($"\n| {code} | ");

    [Theory]
    [MemberData(nameof(CommandsThatFail))]
    public void ExitCodes_EveryCommandThatReturnsOne_IsNamedWithIt(string command)
    {
        command.ShouldNotBeEmpty();
        Text.ShouldMatch($@"(?m)^\| {ExitCodes.Failed} \| .*[` |]{command}\b");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Configuration_EveryKey_IsExplained(string section, string key) =>
        // A row names the section once: `Broker:Host` `Port`.
        Text.ShouldMatch($@"(?m)^\| `{section}:(?:{key}`|[^|]*`{key}`)");

    [Fact]
    public void Links_ToFiles_LeadToFiles()
    {
        string[] links = [.. Regex.Matches(Text, @"\]\(([^)#:]+)\)").Select(match => match.Groups[1].Value)];

        links.ShouldNotBeEmpty();
        links.ShouldAllBe(link => File.Exists(Path.Combine(RepositoryPaths.Root, link)));
    }

    private static IEnumerable<object> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static | BindingFlags.NonPublic).Where(field => field.IsLiteral).Select(field => field.GetRawConstantValue().ShouldNotBeNull());
}
