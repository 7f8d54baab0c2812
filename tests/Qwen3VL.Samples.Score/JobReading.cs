using System.Text.Json;

namespace Qwen3VL.Samples.Score;

/// <summary>What a job found, from the file that <c>qwen3vl-batch results --format json</c> writes.</summary>
/// <param name="FileName">Name of the source file without folders.</param>
/// <param name="Pages">Text by page number.</param>
/// <param name="Captions">Caption by page number.</param>
/// <param name="Boxes">Boxes in pixels by task.</param>
/// <param name="Events">Events of the whole video.</param>
/// <param name="Summary">Summary of the whole.</param>
internal sealed record JobReading(
    string FileName,
    IReadOnlyDictionary<int, string> Pages,
    IReadOnlyDictionary<int, string> Captions,
    ILookup<string, Box> Boxes,
    IReadOnlyList<TimedText> Events,
    string? Summary)
{
    /// <summary>Reads a results file: JSON objects one after another, on one line each or on several.</summary>
    public static IReadOnlyList<JobReading> ParseAll(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowMultipleValues = true });
        var readings = new List<JobReading>();
        while (reader.Read())
        {
            using JsonDocument results = JsonDocument.ParseValue(ref reader);
            readings.Add(Parse(results.RootElement));
        }

        return readings;
    }

    /// <summary>Reads the results of one job.</summary>
    public static JobReading Parse(JsonElement results) => new(
        Path.GetFileName(results.GetProperty("job").GetProperty("source").GetProperty("uri").GetString() ?? ""),
        TextByPage(results, "pages"),
        TextByPage(results, "captions"),
        Items(results, "boxes").ToLookup(box => Text(box, "task"), ParseBox),
        [.. Items(results, "segments").Where(segment => Text(segment, "kind") == "event").Select(ParseEvent)],
        results.TryGetProperty("summary", out JsonElement summary) ? summary.GetString() : null);

    private static Dictionary<int, string> TextByPage(JsonElement results, string list) =>
        Items(results, list).ToDictionary(page => page.GetProperty("pageNo").GetInt32(), page => Text(page, "text"));

    private static Box ParseBox(JsonElement box)
    {
        JsonElement pixels = box.GetProperty("pixels");
        return new Box(
            Text(box, "label"),
            pixels.GetProperty("x0").GetDouble(),
            pixels.GetProperty("y0").GetDouble(),
            pixels.GetProperty("x1").GetDouble(),
            pixels.GetProperty("y1").GetDouble());
    }

    private static TimedText ParseEvent(JsonElement segment) => new(
        Text(segment, "text"),
        segment.GetProperty("startMs").GetInt32() / 1000.0,
        segment.GetProperty("endMs").GetInt32() / 1000.0);

    private static JsonElement[] Items(JsonElement results, string list) =>
        results.TryGetProperty(list, out JsonElement items) ? [.. items.EnumerateArray()] : [];

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
}
