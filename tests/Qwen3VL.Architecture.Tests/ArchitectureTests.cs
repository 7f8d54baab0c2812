using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Architecture.Tests;

/// <summary>The rules of the architecture, held against the repository as it is. Each failure names its offenders.</summary>
public sealed class ArchitectureTests
{
    private static readonly IReadOnlyList<RepositoryFile> Files = RepositoryFile.ReadAll();

    private static readonly IReadOnlyList<ProjectFile> Projects = ProjectFile.ReadAll(Files);

    [Fact]
    public void Repository_AsRead_HoldsProjectsAndSources()
    {
        // Guards every rule below against passing on nothing.
        Projects.Count(project => project.IsProduct).ShouldBe(6);
        Files.Count(file => file.Path.EndsWith(".cs", StringComparison.Ordinal)).ShouldBeGreaterThan(100);
    }

    [Fact]
    public void Projects_References_FollowTheArrows() => ProjectRules.ForbiddenArrows(Projects).ShouldBeEmpty();

    [Fact]
    public void EngineAndContracts_Packages_AreNone() => ProjectRules.ForbiddenPackages(Projects).ShouldBeEmpty();

    [Fact]
    public void CommonPackages_AreAnalyzersThatDoNotShip() => ProjectRules.CommonPackagesThatShip(Read("Directory.Build.props")).ShouldBeEmpty();

    [Fact]
    public void MassTransit_Version_StaysBelowNine() => ProjectRules.UnboundedMassTransit(Read("Directory.Packages.props")).ShouldBeEmpty();

    [Fact]
    public void UnsafeCode_StandsInTheCpuBackendOnly() => SourceRules.UnsafeOutsideCpu(Files).ShouldBeEmpty();

    [Fact]
    public void SourceFiles_HaveAtMost500Lines() => SourceRules.FilesTooLong(Files).ShouldBeEmpty();

    [Fact]
    public void SourceFiles_DeclareOneTypeOfTheirName() => SourceRules.FilesNotOfOneType(Files).ShouldBeEmpty();

    [Fact]
    public void Publishes_InTheProduct_CannotBeCancelled() => PublishRules.CancellablePublishes(Files).ShouldBeEmpty();

    [Fact]
    public void Addresses_InTheProduct_AreOfExchanges() => PublishRules.AddressesOfQueues(Files).ShouldBeEmpty();

    [Fact]
    public void TextFiles_NameNoFolderOfOneMachine() => SourceRules.MachinePaths(Files).ShouldBeEmpty();

    [Theory]
    [InlineData("Caching")]
    [InlineData("Scheduling")]
    public void Bookkeeping_Types_TouchNoTensorsAndNoModel(string area)
    {
        string[] forbidden = ["Qwen3VL.Engine.Backends", "Qwen3VL.Engine.Models"];

        NamespaceRules.ForbiddenUses(typeof(IInferenceEngine).Assembly.GetTypes(), $"Qwen3VL.Engine.{area}", forbidden).ShouldBeEmpty();
        NamespaceRules.ForbiddenNames(Files, $"engine/Qwen3VL.Engine/{area}/", forbidden).ShouldBeEmpty();
    }

    private static RepositoryFile Read(string path) => Files.Single(file => file.Path == path);
}
