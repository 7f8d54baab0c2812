using System.Runtime.Versioning;
using Qwen3VL.Batch.Media.Fetching;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

[SupportedOSPlatform("linux")]
public sealed class FetchFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _parent = Directory.CreateTempSubdirectory("qwen3vl-folders-").FullName;

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Fact]
    public void Open_Folder_IsItsUsersAlone()
    {
        using FetchFolder folder = FetchFolder.Open(Path.Combine(_parent, "made"));

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

    [Fact]
    public void Open_LeftFolderThatOthersMayEnter_Stays()
    {
        string open = Left("open", withLock: true, "1.file");
        File.SetUnixFileMode(open, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        string empty = Left("empty", withLock: false);
        File.SetUnixFileMode(empty, OwnerOnly | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        using FetchFolder folder = FetchFolder.Open(_parent);

        File.Exists(Path.Combine(open, "1.file")).ShouldBeTrue();
        Directory.Exists(empty).ShouldBeTrue();
    }

    [Fact]
    public void Open_LinkToALeftFolder_Stays()
    {
        string elsewhere = Directory.CreateDirectory(Path.Combine(_parent, "elsewhere"), OwnerOnly).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "lock"), "");
        File.WriteAllText(Path.Combine(elsewhere, "precious"), "x");
        string link = Path.Combine(_parent, "qwen3vl-fetch-link");
        Directory.CreateSymbolicLink(link, elsewhere);

        using FetchFolder folder = FetchFolder.Open(_parent);

        File.Exists(Path.Combine(link, "precious")).ShouldBeTrue();
    }

    [Fact]
    public void IsOwn_Folder_IsOfThisUser()
    {
        string folder = Left("own", withLock: false);
        PrivateFolder.IsOwn(folder).ShouldBeTrue();
        PrivateFolder.IsOwn(Path.Combine(_parent, "none")).ShouldBeFalse();

        // Only the administrator may give a folder away.
        using MediaFolder shell = new();
        shell.Run("sh", "-c", "chown 65534 \"$0\" || true", folder);

        PrivateFolder.IsOwn(folder).ShouldBe(Environment.UserName != "root");
    }

    [Fact]
    public void Renew_FolderIsDeleted_MakesAnotherAndLocksIt()
    {
        using FetchFolder folder = FetchFolder.Open(_parent);
        string first = folder.Path;
        folder.Renew().ShouldBe(first);
        Directory.Delete(first, recursive: true);

        string second = folder.Renew();

        second.ShouldNotBe(first);
        folder.Path.ShouldBe(second);
        new DirectoryInfo(second).UnixFileMode.ShouldBe(OwnerOnly);
        using FetchFolder other = FetchFolder.Open(_parent);
        Directory.Exists(second).ShouldBeTrue();
    }

    private string Left(string name, bool withLock, params string[] files)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_parent, "qwen3vl-fetch-" + name), OwnerOnly).FullName;
        foreach (string file in withLock ? [.. files, "lock"] : files)
        {
            File.WriteAllText(Path.Combine(folder, file), "x");
        }

        return folder;
    }
}
