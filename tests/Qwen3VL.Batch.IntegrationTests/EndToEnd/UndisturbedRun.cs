using Qwen3VL.TestKit.Documents;
using Shouldly;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>
/// What the long document says when nothing goes wrong, done once for all tests. A disturbed run must store exactly the same text: greedy
/// decoding does not depend on who computes a page, when, or beside what. It need not be what was printed: the bundled model misreads a digit
/// now and then.
/// </summary>
internal static class UndisturbedRun
{
    /// <summary>Enough for a job to be caught in the middle.</summary>
    public const int Pages = 40;

    /// <summary>Text of each page.</summary>
    public static async Task<IReadOnlyList<string>> TextsAsync(EndToEndServers servers)
    {
        await using Scenario scenario = await Scenario.StartAsync(servers);
        scenario.StartWorker();
        Guid job = await scenario.SubmitPagesAsync("undisturbed", Pages);
        (await scenario.FinalStateAsync(job)).ShouldBe("succeeded");
        IReadOnlyList<string> texts = await scenario.TextsAsync(job);

        // Right enough to tell the pages apart: otherwise equality with it would prove little.
        texts.Where((text, i) => text == PrintedPdf.Text(i + 1)).Count().ShouldBeGreaterThan(Pages * 3 / 4);
        return texts;
    }
}
