using System.Text.RegularExpressions;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Ops;

/// <summary>The page on security names tests that exist: a renamed test is renamed there too.</summary>
public sealed class SecurityPageTests
{
    private const string TestMark = @"\[(?:Fact|Theory|\w+Fact)\b";

    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "ops", "security.md"));

    private static readonly ILookup<string, string> Sources = Directory
        .EnumerateFiles(Path.Combine(RepositoryPaths.Root, "tests"), "*Tests*.cs", SearchOption.AllDirectories)
        .ToLookup(file => Path.GetFileName(file).Split('.')[0], StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Tests(Page).Distinct()];

    [Fact]
    public void Page_EveryThreat_NamesATest()
    {
        string[] rows = [.. Page.Split('\n').SkipWhile(line => !line.StartsWith("| threat |", StringComparison.Ordinal)).Where(line => line.StartsWith("| ", StringComparison.Ordinal))];
        string[] threats = [.. rows.Where(row => !row.StartsWith("| threat |", StringComparison.Ordinal))];

        threats.Length.ShouldBeGreaterThan(20);
        threats.ShouldAllBe(row => Tests(row).Any());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Test_OfThePage_Exists(string name)
    {
        string[] parts = name.Split('.');

        Sources[parts[0]].Any(file => IsTest(File.ReadAllText(file), parts[1])).ShouldBeTrue();
    }

    private static IEnumerable<string> Tests(string text) => Regex.Matches(text, @"`(\w+Tests\.\w+)`").Select(match => match.Groups[1].Value);

    // The attributes stand above the method; data of a theory may stand between.
    private static bool IsTest(string source, string method) =>
        Regex.Match(source, $@"public (?:async Task|Task|void) {method}\(") is { Success: true } found
        && Regex.Matches(source[..found.Index], TestMark).LastOrDefault() is { } mark
        && !source[mark.Index..found.Index].Contains("public ", StringComparison.Ordinal);
}
