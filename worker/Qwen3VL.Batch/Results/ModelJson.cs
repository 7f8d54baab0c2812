using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Results;

/// <summary>
/// Finds and reads the list of objects in an answer: in a fenced block or bare, with prose around it, cut off at the end, or objects
/// without a list. Complete objects are kept, others are counted. The approach is that of the reference cookbook's reader
/// (<c>spatial_understanding.ipynb</c>, <c>parse_json</c>), extended by recovery after a bad entry. Never throws.
/// </summary>
internal static class ModelJson
{
    /// <summary>Longest answer that is read: far above what the output limit allows, and it bounds the work.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Places in the text at which a list or object is tried: prose has few brackets, and the product with the length stays bounded.</summary>
    private const int MaxCandidates = 64;

    /// <summary>
    /// Characters that may be read in all, for each character of the answer. A candidate or an entry that breaks off is read again from a later
    /// bracket; brackets within brackets would make that a thousand times. Answers that anything can be read from take two or three.
    /// </summary>
    private const long MaxReadings = 8;

    private const string Fence = "```";

    /// <summary>Reads the objects of an answer.</summary>
    public static ParseOutcome<ModelRecords> Read(string answer)
    {
        if (answer.Length > MaxLength)
        {
            return Fail($"answer must be at most {MaxLength} characters; got {answer.Length}");
        }

        ReadOnlySpan<char> unfenced = Unfenced(answer);
        ModelRecords? records = ReadFirst(unfenced) ?? (unfenced.Length == answer.Length ? null : ReadFirst(answer));
        if (records is null)
        {
            return Fail("answer must hold a JSON list of objects; got none");
        }

        if (records.Truncated)
        {
            var cut = new ParseFailure(ErrorCodes.OutputTruncated, $"list must be complete; got {records.Objects.Count} complete entries and no end");
            return new ParseOutcome<ModelRecords>(records.Objects.Count > 0 ? records : null, cut);
        }

        int entries = records.Objects.Count + records.Dropped;
        ParseFailure? failure = records.Dropped == 0
            ? null
            : new ParseFailure(ErrorCodes.OutputUnreadable, $"list entries must be objects; {records.Dropped} of {entries} were not");
        return new ParseOutcome<ModelRecords>(records, failure);
    }

    private static ParseOutcome<ModelRecords> Fail(string message) => new(null, new ParseFailure(ErrorCodes.OutputUnreadable, message));

    /// <summary>The content of the first fenced block, to the end where the closing fence is missing; the whole text without a fence.</summary>
    private static ReadOnlySpan<char> Unfenced(string answer)
    {
        int open = answer.IndexOf(Fence, StringComparison.Ordinal);
        if (open < 0)
        {
            return answer;
        }

        ReadOnlySpan<char> body = answer.AsSpan(open + Fence.Length);
        int close = body.IndexOf(Fence, StringComparison.Ordinal);
        return close < 0 ? body : body[..close];
    }

    /// <summary>
    /// Tries every bracket in order and takes the first list or object with something in it; an empty list counts only when nothing else is
    /// found. Null when there is none at all.
    /// </summary>
    private static ModelRecords? ReadFirst(ReadOnlySpan<char> text)
    {
        ModelRecords? empty = null;
        long budget = MaxReadings * text.Length;
        int start = -1;
        for (int candidate = 0; candidate < MaxCandidates && budget >= 0; candidate++)
        {
            int offset = text[(start + 1)..].IndexOfAny('[', '{');
            if (offset < 0)
            {
                break;
            }

            start += 1 + offset;
            ModelRecords? records = text[start] == '[' ? ReadList(text, start, ref budget) : ReadBare(text, start, ref budget);
            if (records is { Objects.Count: > 0 })
            {
                return records;
            }

            // An empty list is an answer ("nothing found"); a list that only broke off, or that holds no objects, is the poorer one.
            if (records is not null && (empty is null || (empty.Dropped > 0 && records.Dropped == 0)))
            {
                empty = records;
            }
        }

        return empty is { Dropped: 0 } ? empty : null;
    }

    /// <summary>
    /// Objects without a list around them, one or several in a row, with or without commas. A single object whose only member is a list of
    /// objects stands for that list.
    /// </summary>
    private static ModelRecords? ReadBare(ReadOnlySpan<char> text, int start, ref long budget)
    {
        var reader = new ModelValueReader(text, start);
        var objects = new List<ModelValue>();
        while (reader.Peek() == '{' && reader.TryReadObject(out ModelValue value) && value.Members.Count > 0)
        {
            objects.Add(value);
            reader.TryTake(',');
        }

        budget -= reader.Position - start;
        if (objects is [{ Members: { Count: 1 } members }] && members.Values.First() is { Items.Count: > 0 } list
            && list.Items.All(item => item.Kind == ModelValueKind.Object))
        {
            objects = [.. list.Items];
        }

        return objects.Count == 0 ? null : new ModelRecords([.. objects.Select(item => item.Members)], 0, reader.Peek() == '{');
    }

    /// <summary>Reads a list entry by entry; after a bad one it goes on at the next opening brace.</summary>
    private static ModelRecords ReadList(ReadOnlySpan<char> text, int start, ref long budget)
    {
        var reader = new ModelValueReader(text, start + 1);
        var objects = new List<IReadOnlyDictionary<string, ModelValue>>();
        int dropped = 0;
        while (!reader.TryTake(']'))
        {
            int entry = reader.Position;
            bool isRead = reader.TryReadValue(out ModelValue value);
            budget -= reader.Position - entry;
            if (isRead)
            {
                if (value.Kind == ModelValueKind.Object)
                {
                    objects.Add(value.Members);
                }
                else
                {
                    dropped++;
                }

                // A comma that the model forgot between two entries is not missed.
                reader.TryTake(',');
                continue;
            }

            if (reader.AtEnd)
            {
                return new ModelRecords(objects, dropped, Truncated: true);
            }

            dropped++;
            int next = text[(entry + 1)..].IndexOf('{');
            if (next < 0 || budget < 0)
            {
                return new ModelRecords(objects, dropped, Truncated: false);
            }

            reader.Position = entry + 1 + next;
        }

        return new ModelRecords(objects, dropped, Truncated: false);
    }
}
