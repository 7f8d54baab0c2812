using Qwen3VL.Engine.Backends;
using Shouldly;
using Xunit;

namespace Qwen3VL.Architecture.Tests;

/// <summary>The rule about namespaces finds every way to mention a type, and nothing else.</summary>
public sealed class NamespaceRulesTests
{
    private const string Here = "Qwen3VL.Architecture.Tests";
    private static readonly string[] Forbidden = ["Qwen3VL.Engine.Backends"];

    [Theory]
    [InlineData(typeof(WithField))]
    [InlineData(typeof(WithParameter))]
    [InlineData(typeof(WithGenericReturn))]
    [InlineData(typeof(WithArrayProperty))]
    [InlineData(typeof(WithBase))]
    [InlineData(typeof(WithLocal))]
    public void ForbiddenUses_TypeThatMentionsABackend_IsNamed(Type type) =>
        NamespaceRules.ForbiddenUses([type], Here, Forbidden).ShouldHaveSingleItem().ShouldEndWith($"got {typeof(DeviceTensor).FullName}");

    [Fact]
    public void ForbiddenUses_TypeOfIntegers_IsNotNamed() => NamespaceRules.ForbiddenUses([typeof(OfIntegers)], Here, Forbidden).ShouldBeEmpty();

    [Fact]
    public void ForbiddenUses_TypeOfAnotherNamespace_IsNotNamed() =>
        NamespaceRules.ForbiddenUses([typeof(WithField)], "Qwen3VL.Other", Forbidden).ShouldBeEmpty();

    [Theory]
    [InlineData("using Qwen3VL.Engine.Backends;", 1)]
    [InlineData("class A { Backends.DeviceTensor X; }", 1)]
    [InlineData("// using Qwen3VL.Engine.Backends;", 0)]
    [InlineData("using Qwen3VL.Engine.Sampling; class A { int numBackends; }", 0)]
    public void ForbiddenNames_Source_IsNamedWhenItsCodeNamesTheNamespace(string text, int offenders) =>
        NamespaceRules.ForbiddenNames([new RepositoryFile("e/Caching/A.cs", text)], "e/Caching/", Forbidden).Count.ShouldBe(offenders);

    private sealed class WithField(object value)
    {
        public readonly DeviceTensor? Tensor = value as DeviceTensor;
    }

    private sealed class WithParameter
    {
        public static int Of(DeviceTensor tensor) => tensor is null ? 0 : 1;
    }

    private sealed class WithGenericReturn
    {
        public static List<Dictionary<int, DeviceTensor>> Of() => [];
    }

    private sealed class WithArrayProperty
    {
        public static DeviceTensor[] Tensors => [];
    }

    private abstract class WithBase : List<DeviceTensor>;

    private sealed class WithLocal
    {
        public static int Of(object value)
        {
            var tensor = value as DeviceTensor;
            return (tensor?.GetHashCode() ?? 0) + (tensor?.GetHashCode() ?? 1);
        }
    }

    private sealed class OfIntegers
    {
        public static int[] Of(IReadOnlyList<int> values) => [.. values];
    }
}
