using System.Text.Json;
using Qwen3VL.Samples.Score;

// Exit: 0 when every sample is there and every threshold holds, 1 when not, 2 for a wrong call.
if (args is not [string samplesFolder, string resultsFile])
{
    Console.Error.WriteLine("usage: Qwen3VL.Samples.Score SAMPLES RESULTS");
    Console.Error.WriteLine("  SAMPLES  folder with truth.json: what was drawn into each sample");
    Console.Error.WriteLine("  RESULTS  what qwen3vl-batch results --format json printed, one object a job");
    return 2;
}

Dictionary<string, SampleTruth> truths =
    JsonSerializer.Deserialize<Dictionary<string, SampleTruth>>(File.ReadAllBytes(Path.Combine(samplesFolder, "truth.json")), JsonSerializerOptions.Web) ?? [];
IReadOnlyList<JobReading> readings = JobReading.ParseAll(File.ReadAllBytes(resultsFile));
bool good = truths.Count > 0;
foreach ((string sample, SampleTruth truth) in truths)
{
    JobReading? reading = readings.LastOrDefault(one => one.FileName == sample);
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
