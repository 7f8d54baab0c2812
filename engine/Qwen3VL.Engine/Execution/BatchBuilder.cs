using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// Lays the scheduled tokens of all sequences behind each other. The arrays are made once for the largest step and filled anew each time;
/// a decode step after a decode step of the same sequences allocates nothing. Used by the engine thread only.
/// </summary>
internal sealed class BatchBuilder
{
    private readonly int[] _tokenIds;
    private readonly int[] _positions;
    private readonly int[] _slots;
    private readonly int[] _queryStarts;
    private readonly int[] _contextLengths;
    private readonly int[][] _blockTables;
    private readonly List<VisionRows> _vision = [];
    private int[] _logitRows = [];
    private PromptRows? _promptRows;
    private ForwardBatch? _previous;

    /// <summary>Creates a builder for steps within <paramref name="limits"/>.</summary>
    public BatchBuilder(SchedulerLimits limits)
    {
        _tokenIds = new int[limits.TokenBudget];
        _positions = new int[checked(3 * limits.TokenBudget)];
        _slots = new int[limits.TokenBudget];
        _queryStarts = new int[limits.MaxSequences + 1];
        _contextLengths = new int[limits.MaxSequences];
        _blockTables = new int[limits.MaxSequences][];
        Array.Fill(_blockTables, []);
    }

    /// <summary>Builds the batch of a step; valid until the next call. Outputs of its media are borrowed from <paramref name="outputs"/>.</summary>
    public ForwardBatch Build(SchedulerOutput scheduled, EncoderOutputs outputs)
    {
        _vision.Clear();
        _promptRows = null;
        int row = 0;
        int numLogitRows = 0;
        for (int i = 0; i < scheduled.Sequences.Count; i++)
        {
            ScheduledSequence entry = scheduled.Sequences[i];
            _queryStarts[i] = row;
            _contextLengths[i] = entry.FirstToken + entry.NumTokens;
            _blockTables[i] = entry.Sequence.Table.BlockIds;
            AddTokens(entry, row, scheduled.NumTokens);
            AddVision(entry, row, scheduled.NumTokens, outputs);
            AddPromptRows(entry, row);
            row += entry.NumTokens;
            numLogitRows += entry.WantsLogits ? 1 : 0;
        }

        _queryStarts[scheduled.Sequences.Count] = row;
        if (row != scheduled.NumTokens)
        {
            throw new EngineInvariantException($"the rows of a batch must be the scheduled tokens; got {row} and {scheduled.NumTokens}");
        }

        FillLogitRows(scheduled, numLogitRows);
        return Wrap(scheduled.Sequences.Count, scheduled.NumTokens);
    }

    private void AddTokens(ScheduledSequence entry, int firstRow, int stride)
    {
        SequenceState sequence = entry.Sequence;
        ReadOnlySpan<int> known = sequence.KnownTokenIds;
        ReadOnlySpan<int> promptPositions = sequence.Prompt.Positions;
        int numPrompt = sequence.NumPromptTokens;
        for (int i = 0; i < entry.NumTokens; i++)
        {
            int token = entry.FirstToken + i;
            int row = firstRow + i;
            _tokenIds[row] = known[token];
            _slots[row] = sequence.Table.Slot(token);
            for (int axis = 0; axis < 3; axis++)
            {
                _positions[(axis * stride) + row] = token < numPrompt
                    ? promptPositions[(axis * numPrompt) + token]
                    : token + sequence.Prompt.PositionDelta;
            }
        }
    }

    private void AddVision(ScheduledSequence entry, int firstRow, int stride, EncoderOutputs outputs)
    {
        SequenceState sequence = entry.Sequence;
        IReadOnlyList<MediaSpan> spans = sequence.Prompt.Spans;
        int end = entry.FirstToken + entry.NumTokens;
        for (int i = sequence.FirstSpanEndingAfter(entry.FirstToken); i < spans.Count && spans[i].Offset < end; i++)
        {
            MediaSpan span = spans[i];
            int first = Math.Max(span.Offset, entry.FirstToken);
            int count = Math.Min(span.Offset + span.Length, end) - first;
            EncoderOutput output = outputs[sequence.Media[span.MediaIndex].Content];
            int batchRow = firstRow + first - entry.FirstToken;
            if (sequence.Prompt.FindPruned(span.MediaIndex) is { } clip)
            {
                PrunedClipTokens tokens = clip.Resolve(output.KeptRows.Span);
                sequence.PromptScores?.SetTokens(clip.Offset, tokens.TokenIds);
                AddPrunedClip(tokens, first - span.Offset, count, batchRow, stride, output);
            }
            else
            {
                _vision.Add(new VisionRows(output, span.FirstRow + first - span.Offset, batchRow, count));
            }
        }
    }

    /// <summary>Writes the final tokens of a part of a pruned clip's range over the provisional ones.</summary>
    private void AddPrunedClip(PrunedClipTokens tokens, int first, int count, int batchRow, int stride, EncoderOutput output)
    {
        int length = tokens.TokenIds.Length;
        tokens.TokenIds.AsSpan(first, count).CopyTo(_tokenIds.AsSpan(batchRow));
        for (int axis = 0; axis < 3; axis++)
        {
            tokens.Positions.AsSpan((axis * length) + first, count).CopyTo(_positions.AsSpan((axis * stride) + batchRow));
        }

        int i = 0;
        while (i < count)
        {
            int run = i;
            while (run < count && (tokens.Rows[first + run] != PrunedClipTokens.Text) == (tokens.Rows[first + i] != PrunedClipTokens.Text))
            {
                run++;
            }

            if (tokens.Rows[first + i] != PrunedClipTokens.Text)
            {
                _vision.Add(new VisionRows(output, tokens.Rows[first + i], batchRow + i, run - i));
            }

            i = run;
        }
    }

    /// <summary>The row of token i scores token i + 1, where that is a prompt token not scored before.</summary>
    private void AddPromptRows(ScheduledSequence entry, int firstRow)
    {
        if (entry.Sequence.PromptScores is not { IsComplete: false } scores)
        {
            return;
        }

        int lastScored = Math.Min(entry.FirstToken + entry.NumTokens, entry.Sequence.NumPromptTokens - 1);
        for (int token = Math.Max(entry.FirstToken + 1, scores.NumScored); token <= lastScored; token++)
        {
            _promptRows ??= new PromptRows();
            _promptRows.Add(firstRow + token - 1 - entry.FirstToken, scores, token);
        }
    }

    private void FillLogitRows(SchedulerOutput scheduled, int numLogitRows)
    {
        if (_logitRows.Length != numLogitRows)
        {
            _logitRows = new int[numLogitRows];
        }

        int next = 0;
        for (int i = 0; i < scheduled.Sequences.Count; i++)
        {
            if (scheduled.Sequences[i].WantsLogits)
            {
                _logitRows[next++] = _queryStarts[i + 1] - 1;
            }
        }
    }

    /// <summary>The arrays as a batch; the previous object when only the contents of the arrays changed.</summary>
    private ForwardBatch Wrap(int numSequences, int numTokens)
    {
        bool sameShape = _previous is not null && _previous.NumTokens == numTokens && _previous.Attention.NumSequences == numSequences
            && ReferenceEquals(_previous.LogitRows, _logitRows) && _previous.PromptRows is null && _promptRows is null;
        if (!sameShape || _previous is null)
        {
            _previous = new ForwardBatch
            {
                NumTokens = numTokens,
                TokenIds = _tokenIds,
                Positions = _positions,
                Slots = _slots,
                Attention = new AttentionBatch(numSequences, _queryStarts, _contextLengths, _blockTables),
                Vision = _vision,
                LogitRows = _logitRows,
                PromptRows = _promptRows,
            };
        }

        return _previous;
    }
}
