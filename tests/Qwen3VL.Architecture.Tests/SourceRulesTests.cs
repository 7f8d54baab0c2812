using Shouldly;
using Xunit;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Each rule about files fails on a bad sample and passes on a good one.</summary>
public sealed class SourceRulesTests
{
    [Fact]
    public void FilesTooLong_501Lines_IsNamed()
    {
        RepositoryFile good = new("a/Good.cs", new string('\n', 500));
        RepositoryFile bad = new("a/Bad.cs", string.Concat(Enumerable.Repeat("x\n", 501)));

        SourceRules.FilesTooLong([good, bad]).ShouldBe(["a/Bad.cs must have at most 500 lines; got 501"]);
    }

    [Theory]
    [InlineData("A.cs", "public sealed class A\n{\n    private enum Inner { }\n}\n")]
    [InlineData("A.Part.cs", "internal sealed partial class A<T> : B\n{\n}\n")]
    [InlineData("A.cs", "// class B\n/*\nclass C\n*/\npublic readonly record struct A(int X);\n")]
    [InlineData("A.cs", "internal static class A\n{\n    const string S = \"\"\"\nclass B\n\"\"\";\n}\n")]
    [InlineData("A.cs", "public delegate void A(int x);\n")]
    [InlineData("Program.cs", "return 0;\n")]
    public void FilesNotOfOneType_GoodFile_IsNotNamed(string name, string text) =>
        SourceRules.FilesNotOfOneType([new RepositoryFile("x/" + name, text)]).ShouldBeEmpty();

    [Theory]
    [InlineData("A.cs", "class B\n{\n}\n", "[B]")]
    [InlineData("A.cs", "class A\n{\n}\n\ninternal enum B\n{\n}\n", "[A, B]")]
    [InlineData("A.cs", "namespace X;\n", "[]")]
    [InlineData("A.cs", "public record A;\npublic record struct C;\n", "[A, C]")]
    public void FilesNotOfOneType_BadFile_IsNamed(string name, string text, string types) =>
        SourceRules.FilesNotOfOneType([new RepositoryFile("x/" + name, text)])
            .ShouldBe([$"x/{name} must declare exactly one top-level type, A; got {types}"]);

    [Theory]
    [InlineData("worker/W/A.cs", "unsafe class A { }", true)]
    [InlineData("engine/Qwen3VL.Engine/A.cs", "class A { void M() { unsafe { } } }", true)]
    [InlineData("worker/W/W.csproj", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>", true)]
    [InlineData("Directory.Build.props", "<AllowUnsafeBlocks>True</AllowUnsafeBlocks>", true)]
    [InlineData("engine/Qwen3VL.Engine.Cpu/A.cs", "unsafe class A { }", false)]
    [InlineData("worker/W/A.cs", "// unsafe\nclass A { string S = \"unsafe\"; bool _unsafeName; }", false)]
    public void UnsafeOutsideCpu_Sample_IsNamedWhenOutside(string path, string text, bool isNamed) =>
        SourceRules.UnsafeOutsideCpu([new RepositoryFile(path, text)]).Count(line => line.StartsWith(path, StringComparison.Ordinal)).ShouldBe(isNamed ? 1 : 0);

    [Theory]
    [InlineData("cd /{0}/main", "work", true)]
    [InlineData("path=\"/{0}/.cache\"", "root", true)]
    [InlineData("see /home/{0}/x", "somebody", true)]
    [InlineData("C:\\Users\\{0}", "somebody", true)]
    [InlineData("https://host/{0}/tree", "work", false)]
    [InlineData("$folder/{0}/x", "root", false)]
    [InlineData("net{0}/x", "work", false)]
    public void MachinePaths_Sample_IsNamedWhenOfOneMachine(string format, string folder, bool isNamed)
    {
        // Put together here, so that this file does not break the rule it tests.
        string text = "first\n" + format.Replace("{0}", folder, StringComparison.Ordinal);

        SourceRules.MachinePaths([new RepositoryFile("a.txt", text)]).Count(line => line.StartsWith("a.txt:2 ", StringComparison.Ordinal)).ShouldBe(isNamed ? 1 : 0);
    }

    [Theory]
    [InlineData("a // b\nc", "a \nc")]
    [InlineData("a /* b\n */ c", "a \n c")]
    [InlineData("x = \"a\\\"b\"; y", "x = ; y")]
    [InlineData("x = @\"a\"\"\\\"; y", "x = ; y")]
    [InlineData("x = $@\"a\"; y", "x = ; y")]
    [InlineData("x = '\"'; y = '\\''; z", "x = ; y = ; z")]
    [InlineData("x = \"\"\"a \"b\" \n\"\"\"; y", "x = \n; y")]
    public void CodeOnly_Source_LosesCommentsAndLiterals(string source, string expected) => CSharpText.CodeOnly(source).ShouldBe(expected);
}
