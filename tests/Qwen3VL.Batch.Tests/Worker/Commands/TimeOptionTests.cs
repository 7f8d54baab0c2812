using System.Globalization;
using Qwen3VL.Batch.Worker.Commands;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Commands;

public sealed class TimeOptionTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("30m", "2030-01-31T11:30:00Z")]
    [InlineData("12h", "2030-01-31T00:00:00Z")]
    [InlineData("7d", "2030-01-24T12:00:00Z")]
    [InlineData("999999999h", "1970-01-01T00:00:00Z")]
    [InlineData("999999999999999999d", "1970-01-01T00:00:00Z")]
    [InlineData("2030-01-01", "2030-01-01T00:00:00Z")]
    [InlineData("2030-01-01T12:00", "2030-01-01T12:00:00Z")]
    [InlineData("2030-01-01T12:00Z", "2030-01-01T12:00:00Z")]
    [InlineData("2030-01-01T12:00:30.5+02:00", "2030-01-01T10:00:30.5Z")]
    public void TryRead_EitherForm_IsATimeInUtc(string text, string expected)
    {
        TimeOption.TryRead(text, Now, out DateTimeOffset time).ShouldBeTrue();

        time.ShouldBe(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture));
        time.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("")]
    [InlineData("d")]
    [InlineData("7")]
    [InlineData("7w")]
    [InlineData("-7d")]
    [InlineData("9999999999999999999d")]
    [InlineData("01/02/2030")]
    [InlineData("yesterday")]
    public void TryRead_AnotherForm_IsNone(string text) => TimeOption.TryRead(text, Now, out _).ShouldBeFalse();
}
