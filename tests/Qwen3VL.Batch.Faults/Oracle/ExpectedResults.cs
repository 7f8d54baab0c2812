using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>What a job over a <see cref="SyntheticSource"/> must have stored, computed without the product's pipeline or database.</summary>
internal sealed class ExpectedResults(SyntheticSource source, IReadOnlyList<JobTaskKind> tasks)
{
    private const int SummaryFanIn = 4;

    /// <summary>Hash of a page's picture.</summary>
    public string ContentSha256(int pageNo) => SyntheticPages.ContentSha256(SyntheticPages.Image(source.Sha256, pageNo));

    /// <summary>Text of a page; null when no task asks for it.</summary>
    public string? Text(int pageNo) => tasks.Contains(JobTaskKind.Ocr) ? FaultAnswers.Answer(ContentSha256(pageNo), Prompts.Ocr) : null;

    /// <summary>Description of a page; null when no task asks for it.</summary>
    public string? Caption(int pageNo) => tasks.Contains(JobTaskKind.Caption) ? Description(pageNo) : null;

    /// <summary>Boxes of a page.</summary>
    public int BoxCount => tasks.Contains(JobTaskKind.Spotting) ? 2 : 0;

    /// <summary>The job's summary when every chunk succeeded; null when no task asks for it.</summary>
    public string? Summary()
    {
        if (!tasks.Contains(JobTaskKind.Summary))
        {
            return null;
        }

        var texts = new Dictionary<int, string>();
        for (int part = 0; part < source.Pages; part++)
        {
            texts[part] = Description(part + 1);
        }

        foreach (IReadOnlyList<(int First, int Last)> level in SummaryLevels.Build(source.Pages, SummaryFanIn))
        {
            texts = level.ToDictionary(range => range.First, range => Reduce(texts, range));
        }

        return texts.Values.Single();
    }

    private static string Reduce(Dictionary<int, string> below, (int First, int Last) range)
    {
        string[] inputs = [.. below.Where(part => part.Key >= range.First && part.Key <= range.Last).OrderBy(part => part.Key).Select(part => part.Value)];
        return inputs.Length == 1 ? inputs[0] : FaultAnswers.Answer("", Prompts.Reduce("document", inputs));
    }

    private string Description(int pageNo) => FaultAnswers.Answer(ContentSha256(pageNo), Prompts.DescribeImage);
}
