using Shouldly;
using Xunit;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Each rule about projects fails on a bad sample and passes on a good one.</summary>
public sealed class ProjectRulesTests
{
    [Theory]
    [InlineData("engine/Qwen3VL.Engine/Qwen3VL.Engine.csproj", "../../contracts/Qwen3VL.Batch.Contracts/Qwen3VL.Batch.Contracts.csproj")]
    [InlineData("contracts/Qwen3VL.Batch.Contracts/Qwen3VL.Batch.Contracts.csproj", "../../engine/Qwen3VL.Engine/Qwen3VL.Engine.csproj")]
    [InlineData("migrations/Qwen3VL.Batch.Migrations/Qwen3VL.Batch.Migrations.csproj", "..\\..\\engine\\Qwen3VL.Engine\\Qwen3VL.Engine.csproj")]
    [InlineData("worker/Qwen3VL.Batch/Qwen3VL.Batch.csproj", "../../engine/Qwen3VL.Engine.Cpu/Qwen3VL.Engine.Cpu.csproj")]
    [InlineData("worker/Qwen3VL.Batch/Qwen3VL.Batch.csproj", "../../tests/Qwen3VL.TestKit/Qwen3VL.TestKit.csproj")]
    [InlineData("tests/Qwen3VL.Engine.Tests/Qwen3VL.Engine.Tests.csproj", "../Qwen3VL.Batch.Tests/Qwen3VL.Batch.Tests.csproj")]
    public void ForbiddenArrows_ArrowOutsideTheTable_IsNamed(string path, string reference) =>
        ProjectRules.ForbiddenArrows([Project(path, $"<ProjectReference Include=\"{reference}\" />")])
            .ShouldHaveSingleItem().ShouldEndWith($"got {Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'))}");

    [Fact]
    public void ForbiddenArrows_ProjectOutsideTheTable_IsNamed() =>
        ProjectRules.ForbiddenArrows([Project("engine/Qwen3VL.Other/Qwen3VL.Other.csproj", "")]).ShouldHaveSingleItem().ShouldContain("Qwen3VL.Other");

    [Fact]
    public void ForbiddenArrows_ArrowsOfTheTable_AreNotNamed() =>
        ProjectRules.ForbiddenArrows(
        [
            Project("engine/Qwen3VL.Engine.Cpu/Qwen3VL.Engine.Cpu.csproj", "<ProjectReference Include=\"../Qwen3VL.Engine/Qwen3VL.Engine.csproj\" />"),
            Project("tests/Qwen3VL.Engine.Tests/Qwen3VL.Engine.Tests.csproj", "<ProjectReference Include=\"../Qwen3VL.TestKit/Qwen3VL.TestKit.csproj\" />"),
        ]).ShouldBeEmpty();

    [Theory]
    [InlineData("engine/E/E.csproj", "<PackageReference Include=\"Npgsql\" />", 1)]
    [InlineData("contracts/C/C.csproj", "<PackageReference Include=\"MassTransit\" />", 1)]
    [InlineData("worker/W/W.csproj", "<PackageReference Include=\"Npgsql\" />", 0)]
    [InlineData("worker/W/W.csproj", "<PackageReference Include=\"Npgsql\" Version=\"9.0.0\" />", 1)]
    [InlineData("tests/T/T.csproj", "<PackageReference Include=\"Npgsql\" VersionOverride=\"9.0.0\" />", 1)]
    public void ForbiddenPackages_Sample_IsNamedWhenForbidden(string path, string item, int offenders) =>
        ProjectRules.ForbiddenPackages([Project(path, item)]).Count(line => line.StartsWith(path, StringComparison.Ordinal)).ShouldBe(offenders);

    [Theory]
    [InlineData("PrivateAssets=\"all\"", 0)]
    [InlineData("", 1)]
    public void CommonPackagesThatShip_Sample_IsNamedUnlessPrivate(string attribute, int offenders) =>
        ProjectRules.CommonPackagesThatShip(new RepositoryFile("D.props", $"<Project><PackageReference Include=\"X\" {attribute} /></Project>"))
            .Count.ShouldBe(offenders);

    [Theory]
    [InlineData("[8.4.0,9.0.0)", 0)]
    [InlineData("[8.4.0, 9)", 0)]
    [InlineData("[8.4.0,8.5.0)", 0)]
    [InlineData("8.4.0", 1)]
    [InlineData("[8.4.0,9.0.0]", 1)]
    [InlineData("[8.4.0,9.0.1)", 1)]
    [InlineData("[8.4.0,10.0.0)", 1)]
    [InlineData("[8.4.0,)", 1)]
    public void UnboundedMassTransit_Version_IsNamedWhenItCanReachNine(string version, int offenders) =>
        ProjectRules.UnboundedMassTransit(new RepositoryFile("P.props", $"<Project><PackageVersion Include=\"MassTransit.RabbitMQ\" Version=\"{version}\" /></Project>"))
            .Count.ShouldBe(offenders);

    [Fact]
    public void UnboundedMassTransit_NoSuchPackage_IsNamed() =>
        ProjectRules.UnboundedMassTransit(new RepositoryFile("P.props", "<Project />")).ShouldHaveSingleItem().ShouldContain("no such package");

    private static ProjectFile Project(string path, string item) =>
        ProjectFile.Read(new RepositoryFile(path, $"<Project><ItemGroup>{item}</ItemGroup></Project>"));
}
