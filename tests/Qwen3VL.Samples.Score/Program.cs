using System.Text.Json;
using Qwen3VL.Samples.Score;

// score --truth FILE --results FOLDER: 0 when every sample is there and every threshold holds, 1 when not, 2 for a wrong call.
if (args is not ["score", "--truth", string truthFile, "--results", string resultsFolder])
{
    Console.Error.WriteLine("usage: qwen3vl-samples-score score --truth FILE --results FOLDER");
    Console.Error.WriteLine("  FILE    ops/samples/truth.json: what was drawn into each sample");
    Console.Error.WriteLine("  FOLDER  files that qwen3vl-batch results --format json --output FOLDER wrote");
    return 2;
}

JsonSerializerOptions options = new(JsonSerializerDefaults.Web);
Dictionary<string, SampleTruth> truths = JsonSerializer.Deserialize<Dictionary<string, SampleTruth>>(File.ReadAllBytes(truthFile), options) ?? [];
List<JobReading> readings = [];
foreach (string file in Directory.EnumerateFiles(resultsFolder, "*.json").Order(StringComparer.Ordinal))
{
    using JsonDocument results = JsonDocument.Parse(File.ReadAllBytes(file));
    readings.Add(JobReading.Parse(results.RootElement));
}

bool good = truths.Count > 0;
foreach ((string sample, SampleTruth truth) in truths)
{
    JobReading? reading = readings.FindLast(one => one.FileName == sample);
    IReadOnlyList<ScoreLine> lines = reading is null ? [new ScoreLine(sample, "results are missing", false)] : SampleScorer.Score(sample, truth, reading);
    foreach (ScoreLine line in lines)
    {
        string mark = line.Verdict switch { true => "ok  ", false => "BAD ", null => "    " };
        Console.WriteLine($"{mark}{line.Sample,-12} {line.What}");
        good &= line.Verdict != false;
    }
}

Console.WriteLine(good ? "all samples are read right" : "some samples are not read right");
return good ? 0 : 1;
