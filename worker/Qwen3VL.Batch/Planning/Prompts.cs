using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch.Planning;

/// <summary>
/// Every text that is sent to the model. Reading, spotting and grounding are the prompts of the reference cookbooks (QwenLM/Qwen3-VL,
/// <c>cookbooks/ocr.ipynb</c>, <c>cookbooks/2d_grounding.ipynb</c>); the bundled model was trained on exactly these characters, so a change
/// here is a change of results. Media come before the text in the user turn.
/// </summary>
internal static class Prompts
{
    /// <summary>The plain text of a page.</summary>
    public const string Ocr = "Read all the text in the image.";

    /// <summary>The text of a page with a box for each line.</summary>
    public const string Spotting =
        "Spotting all the text in the image with line-level, and output in JSON format as [{'bbox_2d': [x1, y1, x2, y2], 'text_content': 'text'}, ...].";

    /// <summary>A description of a page or picture.</summary>
    public const string DescribeImage = "Describe this image.";

    /// <summary>A description of a window of a video.</summary>
    public const string SummarizeVideo = "Summarize this video.";

    /// <summary>The events of a window, in seconds of the timestamps that stand before its frames.</summary>
    public const string Events =
        "Localize a series of activity events in the video, output the start and end timestamp for each event in seconds, and describe each event with sentences. "
        + "Provide the result in JSON format as [{'start': 1.0, 'end': 2.0, 'description': 'text'}, ...].";

    /// <summary>A box for each instance of the named labels, which are written as one quoted list.</summary>
    public static string Grounding(IReadOnlyList<string> labels) =>
        $"Locate every instance that belongs to the following categories: \"{string.Join(", ", labels)}\". Report bbox coordinates in JSON format.";

    /// <summary>One summary of consecutive partial summaries, numbered from 1, a line each.</summary>
    /// <param name="whole">What the parts are parts of: <c>document</c> or <c>video</c>.</param>
    /// <param name="summaries">In the order of the source.</param>
    public static string Reduce(string whole, IReadOnlyList<string> summaries)
    {
        var prompt = new StringBuilder();
        prompt.Append(CultureInfo.InvariantCulture, $"These are the summaries of consecutive parts of one {whole}:\n");
        for (int i = 0; i < summaries.Count; i++)
        {
            prompt.Append(CultureInfo.InvariantCulture, $"{i + 1}. {OnOneLine(summaries[i])}\n");
        }

        return prompt.Append(CultureInfo.InvariantCulture, $"Write one summary of the whole {whole}.").ToString();
    }

    private static string OnOneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
