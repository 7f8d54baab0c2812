using System.ComponentModel;
using System.Net.Sockets;
using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Pipeline;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class TransientErrorsTests
{
    [Theory]
    [InlineData("25006")]
    [InlineData("25P03")]
    [InlineData("28P01")]
    [InlineData("28000")]
    [InlineData("42501")]
    [InlineData("57P01")]
    [InlineData("23514")]
    public void IsTransient_ServerIsAtFault_IsTrue(string state) => TransientErrors.IsTransient(Error(state)).ShouldBeTrue();

    [Theory]
    [InlineData("22021")]
    [InlineData("23505")]
    [InlineData("42601")]
    public void IsTransient_StatementIsAtFault_IsFalse(string state) => TransientErrors.IsTransient(Error(state)).ShouldBeFalse();

    [Fact]
    public void IsTransient_CheckOfAConstraint_IsFalse() =>
        TransientErrors.IsTransient(new PostgresException("refused", "ERROR", "ERROR", "23514", constraintName: "pages_page_no_check")).ShouldBeFalse();

    [Fact]
    public void IsTransient_SourceThatCannotBeHadNow_IsTrue() => TransientErrors.IsTransient(new SourceUnavailableException("busy")).ShouldBeTrue();

    [Fact]
    public void IsTransient_NoSocketToBeHad_IsTrue() => TransientErrors.IsTransient(new SocketException((int)SocketError.TooManyOpenSockets)).ShouldBeTrue();

    [Theory]
    [InlineData(11)]
    [InlineData(23)]
    [InlineData(24)]
    public void IsTransient_NoProcessToBeHad_IsTrue(int errno) => TransientErrors.IsTransient(new Win32Exception(errno)).ShouldBeTrue();

    [Theory]
    [InlineData(23)]
    [InlineData(24)]
    public void IsTransient_NoFileToBeHad_IsTrue(int errno) => TransientErrors.IsTransient(new IOException("shortage", errno)).ShouldBeTrue();

    [Fact]
    public void IsTransient_AnotherFailureOfAFile_IsFalse() => TransientErrors.IsTransient(new IOException("broken")).ShouldBeFalse();

    private static PostgresException Error(string state) => new("refused", "ERROR", "ERROR", state);
}
