using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.TestKit.Documents;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>A printed document for the product's own program, decoder and model. Its text is not one that the oracle knows.</summary>
internal static class ProductJob
{
    /// <summary>Writes a document and sends it; its pages name it.</summary>
    /// <param name="world">Where.</param>
    /// <param name="pages">How long it is; one document of a length in a world.</param>
    /// <param name="states">Final states that are right; none is <c>succeeded</c>.</param>
    public static async Task<ExpectedJob> SubmitAsync(World world, int pages, params IReadOnlyList<string> states)
    {
        string key = "printed-" + pages;
        PrintedPdf.Write(Path.Combine(world.Folder.Sources, key + ".pdf"), pages);
        var job = new ExpectedJob(key, Source: null);
        job = states.Count == 0 ? job : job with { States = states };
        world.Expected.Jobs.Add(job);
        await world.SendAsync(new SubmitJob
        {
            IdempotencyKey = key,
            Kind = JobKind.Document,
            Source = new JobSource { Uri = key + ".pdf" },
            Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
            Options = new JobOptions { Dpi = PrintedPdf.Dpi, MaxOutputTokens = 32 },
        });
        return job;
    }
}
