using Qwen3VL.Batch.Faults.Checking.Facts;
using Qwen3VL.Batch.Faults.Oracle;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I4: what is stored is what the oracle computes from the file.</summary>
internal sealed class ContentRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I4";

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        ILookup<Guid, PageFact> pages = state.Pages.ToLookup(page => page.Job);
        ILookup<Guid, TextFact> captions = state.Captions.ToLookup(caption => caption.Job);
        ILookup<Guid, BoxesFact> boxes = state.Boxes.ToLookup(row => row.Job);
        ILookup<Guid, SegmentFact> segments = state.Segments.ToLookup(segment => segment.Job);
        foreach (ExpectedJob job in expected.Jobs)
        {
            if (job.Source is null || state.Job(job) is not { } row)
            {
                continue;
            }

            var oracle = new ExpectedResults(job.Source, job.Tasks);
            PageFact[] known = [.. pages[row.Id].Where(page => !job.HostilePages.Contains(page.PageNo))];
            foreach (PageFact page in known.Where(page => page.ContentSha256 != oracle.ContentSha256(page.PageNo) || page.Body != oracle.Text(page.PageNo)))
            {
                yield return $"page {page.PageNo} of job {row.Id} must hold what the engine answered for it; got another content";
            }

            foreach (TextFact caption in captions[row.Id].Where(caption => !job.HostilePages.Contains(caption.Unit) && caption.Body != oracle.Caption(caption.Unit)))
            {
                yield return $"caption of page {caption.Unit} of job {row.Id} must be the engine's; got another";
            }

            HashSet<int> captioned = [.. captions[row.Id].Select(caption => caption.Unit)];
            foreach (PageFact page in known)
            {
                if (oracle.Caption(page.PageNo) is not null && !captioned.Contains(page.PageNo))
                {
                    yield return $"page {page.PageNo} of job {row.Id} must have a caption; got none";
                }

                long count = boxes[row.Id].Where(found => found.PageNo == page.PageNo).Sum(found => found.Count);
                if (count != oracle.BoxCount)
                {
                    yield return $"page {page.PageNo} of job {row.Id} must have {oracle.BoxCount} boxes; got {count}";
                }
            }

            string[] wanted = [.. oracle.Segments().Select(segment => Segment(segment.Kind, segment.StartMs, segment.EndMs, segment.Body)).Order(StringComparer.Ordinal)];
            string[] stored = [.. segments[row.Id].Select(segment => Segment(segment.Kind, segment.StartMs, segment.EndMs, segment.Body)).Order(StringComparer.Ordinal)];
            if (row.State == "succeeded" && !stored.SequenceEqual(wanted))
            {
                yield return $"segments of job {row.Id} must be the oracle's; got [{string.Join("; ", stored.Except(wanted))}] beside them, and not [{string.Join("; ", wanted.Except(stored))}]";
            }

            if (row.State == "succeeded" && job.HostilePages.Count == 0 && state.Summaries.FirstOrDefault(summary => summary.Job == row.Id)?.Body != oracle.Summary())
            {
                yield return $"summary of job {row.Id} must be the oracle's; got another";
            }
        }
    }
    private static string Segment(string kind, int startMs, int endMs, string body) => $"{kind} {startMs}..{endMs} ms '{body}'";
}
