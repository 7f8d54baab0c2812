using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>What the deterministic engine answers: a function of model, content and prompt, known to the engine's process and to the checker.</summary>
internal static class FaultAnswers
{
    /// <summary>Model id of the deterministic engine.</summary>
    public const string ModelId = "deterministic";

    /// <summary>Description of the event that is told of every window in the same words, so that a merge joins them.</summary>
    public const string LastingEvent = "it goes on";

    /// <summary>The answer.</summary>
    /// <param name="contentSha256">Hash of the picture or of the frames; empty for a question about text only.</param>
    /// <param name="prompt">The question.</param>
    public static string Answer(string contentSha256, string prompt)
    {
        byte[] digest = Digest(contentSha256, prompt);
        return prompt == Prompts.Events ? Events(digest) : IsBoxes(prompt) ? Boxes(digest) : Words(digest);
    }

    /// <summary>Description of a window's own event.</summary>
    public static string WindowEvent(string contentSha256) => Words(Digest(contentSha256, Prompts.Events));

    /// <summary>Edges of box <paramref name="boxNo"/>, 0 or 1, of an answer about boxes, in thousandths.</summary>
    public static (int X0, int Y0, int X1, int Y1) Edges(ReadOnlySpan<byte> digest, int boxNo)
    {
        int at = boxNo * 4;
        (int x0, int y0) = (digest[at], digest[at + 1]);
        return (x0, y0, x0 + 100 + digest[at + 2], y0 + 100 + digest[at + 3]);
    }

    private static byte[] Digest(string contentSha256, string prompt) => SHA256.HashData(Encoding.UTF8.GetBytes($"{ModelId}\n{contentSha256}\n{prompt}"));

    private static string Words(byte[] digest) => "answer " + Convert.ToHexStringLower(digest)[..40];

    // Both of the whole window, whatever its times are.
    private static string Events(byte[] digest) =>
        $"[{{\"start\": 0, \"end\": 9999, \"description\": \"{Words(digest)}\"}}, {{\"start\": 0, \"end\": 9999, \"description\": \"{LastingEvent}\"}}]";

    private static bool IsBoxes(string prompt) => prompt == Prompts.Spotting || prompt.Contains("Report bbox coordinates", StringComparison.Ordinal);

    private static string Boxes(byte[] digest)
    {
        IEnumerable<string> boxes = Enumerable.Range(0, 2).Select(boxNo =>
        {
            (int x0, int y0, int x1, int y1) = Edges(digest, boxNo);
            return string.Create(CultureInfo.InvariantCulture, $"{{\"bbox_2d\": [{x0}, {y0}, {x1}, {y1}], \"label\": \"box {digest[20 + boxNo]}\"}}");
        });
        return "[" + string.Join(", ", boxes) + "]";
    }
}
