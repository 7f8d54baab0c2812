using Qwen3VL.Batch.Media.Fetching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

public sealed class FetchFolderTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("qwen3vl-folders-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Open_Folder_IsItsUsersAlone()
    {
        using FetchFolder folder = FetchFolder.Open(Path.Combine(_parent, "made"));

        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        new DirectoryInfo(folder.Path).UnixFileMode.ShouldBe(OwnerOnly);
        new DirectoryInfo(Path.Combine(_parent, "made")).UnixFileMode.ShouldBe(OwnerOnly);
    }

    [Fact]
    public void Open_FolderOfADeadProcess_IsDeletedAndThoseInUseAreNot()
    {
        using FetchFolder living = FetchFolder.Open(_parent);
        File.WriteAllText(Path.Combine(living.Path, "1.part"), "x");
        string dead = Left("dead", withLock: true, "1.file");
        string barelyMade = Left("empty", withLock: false);

        using FetchFolder next = FetchFolder.Open(_parent);

        Directory.Exists(dead).ShouldBeFalse();
        Directory.Exists(barelyMade).ShouldBeFalse();
        File.Exists(Path.Combine(living.Path, "1.part")).ShouldBeTrue();
    }

    [Fact]
    public void Open_WhatIsNotItsOwn_Stays()
    {
        Directory.CreateDirectory(Path.Combine(_parent, "other"));
        string strange = Left("strange", withLock: false, "precious");

        using FetchFolder folder = FetchFolder.Open(_parent);

        Directory.Exists(Path.Combine(_parent, "other")).ShouldBeTrue();
        File.Exists(Path.Combine(strange, "precious")).ShouldBeTrue();
    }

    [Fact]
    public void Open_LeftFolderWithALink_DeletesTheLinkAndNotItsTarget()
    {
        string target = Path.Combine(_parent, "target");
        File.WriteAllText(target, "precious");
        string dead = Left("dead", withLock: true);
        File.CreateSymbolicLink(Path.Combine(dead, "1.file"), target);
        Directory.CreateSymbolicLink(Path.Combine(dead, "dir"), _parent);

        using FetchFolder folder = FetchFolder.Open(_parent);

        Directory.Exists(dead).ShouldBeFalse();
        File.ReadAllText(target).ShouldBe("precious");
    }

    [Fact]
    public void Dispose_Folder_IsGone()
    {
        FetchFolder folder = FetchFolder.Open(_parent);
        File.WriteAllText(Path.Combine(folder.Path, "1.file"), "x");

        folder.Dispose();

        Directory.EnumerateFileSystemEntries(_parent).ShouldBeEmpty();
    }

    private string Left(string name, bool withLock, params string[] files)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_parent, "qwen3vl-fetch-" + name)).FullName;
        foreach (string file in withLock ? [.. files, "lock"] : files)
        {
            File.WriteAllText(Path.Combine(folder, file), "x");
        }

        return folder;
    }
}
