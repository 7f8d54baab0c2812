using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Pipeline;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Pipeline;

public sealed class PipelineLogTests
{
    private readonly LineLogger _logger = new();

    [Theory]
    [InlineData("a\n2030-01-01 info: job succeeded.pdf")]
    [InlineData("a\u001b[2K\u001b[1Gb.pdf")]
    [InlineData("a\u2028b\u0085c.pdf")]
    [InlineData("a\u202efdp.exe")]
    [InlineData("a{JobId}{0}%s.pdf")]
    public void Failed_NameOfAFileInTheReason_StaysOnOneHarmlessLine(string name)
    {
        _logger.JobFailed(Guid.Empty, "source_not_found", $"the source must exist; {name} does not");
        _logger.ChunkFailed(Guid.Empty, 3, "decode_failed", $"{name} cannot be rendered");

        _logger.Lines.Count.ShouldBe(2);
        _logger.Lines.ShouldAllBe(line => !line.Any(unit => char.IsControl(unit) || unit == '\u2028' || unit == '\u202e'));
        _logger.Lines.ShouldAllBe(line => line.Contains(SafeText.Line(name), StringComparison.Ordinal));
    }

    private sealed class LineLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
