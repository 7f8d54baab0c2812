using System.Globalization;
using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Scheduling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Tests.Docs;

/// <summary>Computes the tables of engine/docs/multimodal.md with the engine's own code: a page and a clip, at the released 2B model's sizes.</summary>
internal sealed class MultimodalExample
{
    private const int StepTokens = 2048;
    private const int StepRows = 4096;
    private const double PruningRate = 0.5;

    // Behind <|im_start|>, user and the line break: the first token of the first time text.
    private const int FirstOfClip = 3;
    private const int SourceFrames = 300;
    private const double SourceRateHz = 25;

    private static readonly ImageBounds ImageBounds = new(65_536, 16_777_216, 32);
    private static readonly VideoBounds VideoBounds = new(4_096, 25_165_824, 32, 2, 4, 768);
    private static readonly RgbImage Page = new(1240, 1754, new byte[1240 * 1754 * 3]);
    private static readonly RgbImage Frame = new(640, 360, new byte[640 * 360 * 3]);

    private readonly int[] _indices = VideoFrameSampler.SampleIndices(SourceFrames, SourceRateHz, VideoBounds);
    private readonly ProcessedPrompt _page;
    private readonly ProcessedPrompt _clip;
    private readonly ProcessedPrompt _pruned;

    public MultimodalExample(ITokenizer tokenizer)
    {
        var processor = new Qwen3VLProcessor(new ProcessorConfig(ImageBounds, VideoBounds), Config, tokenizer, ChatTemplate.Instruct);
        var clip = new VideoClip([.. _indices.Select(_ => Frame)], VideoFrameSampler.Times(_indices, SourceRateHz));
        _page = processor.Process(Ask(new ImagePart(Page), "Read the page."));
        _clip = processor.Process(Ask(new VideoPart(clip), "What happens?"));
        var pruning = new Qwen3VLProcessor(new ProcessorConfig(ImageBounds, VideoBounds), Config, tokenizer, ChatTemplate.Instruct) { VideoPruningRate = PruningRate };
        _pruned = pruning.Process(Ask(new VideoPart(clip), "What happens?"));
    }

    public static ModelConfig Config { get; } = new()
    {
        Text = new TextConfig
        {
            HiddenSize = 2048,
            NumLayers = 28,
            NumHeads = 16,
            NumKvHeads = 8,
            HeadDim = 128,
            IntermediateSize = 6144,
            VocabularySize = 151_936,
            MaxPositions = 262_144,
            RmsNormEpsilon = 1e-6f,
            RopeTheta = 5_000_000,
            MropeSection = [24, 20, 20],
        },
        Vision = new VisionConfig
        {
            Depth = 24,
            HiddenSize = 1024,
            IntermediateSize = 4096,
            NumHeads = 16,
            OutHiddenSize = 2048,
            PatchSize = 16,
            TemporalPatchSize = 2,
            SpatialMergeSize = 2,
            NumPositionEmbeddings = 2304,
            DeepStackIndexes = [5, 11, 17],
        },
        ImageTokenId = 151_655,
        VideoTokenId = 151_656,
        VisionStartTokenId = 151_652,
        VisionEndTokenId = 151_653,
        TieWordEmbeddings = true,
    };

    /// <summary>Every table by its name, as the lines of the page.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tables() => new Dictionary<string, IReadOnlyList<string>>
    {
        ["page-pixels"] = Pixels(new PixelSize(Page.Width, Page.Height), 1, SmartResize.ForImage(Page.Width, Page.Height, ImageBounds), _page),
        ["page-prompt"] = Prompt(_page),
        ["page-positions"] = Positions(_page, [0, 3, 4, 5, 42, 43, 44, 2148, 2149, 2150, _page.TokenIds.Length - 1]),
        ["clip-frames"] = Frames(),
        ["clip-pixels"] = Pixels(
            new PixelSize(Frame.Width, Frame.Height), _indices.Length, SmartResize.ForVideo(_indices.Length, Frame.Width, Frame.Height, VideoBounds), _clip),
        ["clip-prompt"] = Prompt(_clip),
        ["clip-positions"] = Positions(_clip, [0, 3, 9, 10, 11, 30, 229, 230, 231, 238, 239, 457, _clip.TokenIds.Length - 1]),
        ["deepstack"] = DeepStack(),
        ["page-blocks"] = Blocks(_page),
        ["page-steps"] = Steps(_page),
        ["memory"] = Memory(),
        ["clip-pruned"] = Pruned(),
    };

    private static GenerationRequest Ask(PromptPart media, string question) => new() { Messages = [ChatMessage.User(media, new TextPart(question))] };

    private static List<string> Pixels(PixelSize source, int frames, PixelSize size, ProcessedPrompt prompt)
    {
        ProcessedMedia media = prompt.Media[0];
        GridThw grid = media.Grid;
        return
        [
            Row("source", $"{frames} x {source.Width} x {source.Height} pixels"),
            Row("resized", $"{frames} x {size.Width} x {size.Height}"),
            Row("patch grid (t, h, w)", $"({grid.Time}, {grid.Height}, {grid.Width})"),
            Row("patch rows", $"{grid.NumPatches} x {media.Patches.Length / grid.NumPatches} bytes"),
            Row("merged grid of a frame pair", $"{grid.Height / 2} x {grid.Width / 2}"),
            Row("rows of a frame pair", $"{grid.RowsPerFrame}"),
            Row("rows of the item", $"{grid.NumRows}"),
        ];
    }

    /// <summary>Runs of the prompt: text token by token where it is short, placeholders as one run.</summary>
    private static List<string> Prompt(ProcessedPrompt prompt)
    {
        var rows = new List<string>();
        int shown = 0;
        for (int token = 0; token < prompt.TokenIds.Length;)
        {
            MediaSpan span = prompt.Spans.FirstOrDefault(one => one.Offset == token);
            if (span.Length > 0)
            {
                shown++;
                if (IsShown(shown, prompt))
                {
                    rows.Add(Row($"{token} .. {token + span.Length - 1}", $"{prompt.TokenIds[token]} x {span.Length}", $"rows {span.FirstRow} .. {span.FirstRow + span.Length - 1}"));
                }
                else if (shown == 3)
                {
                    rows.Add(Row("...", "...", "..."));
                }

                token += span.Length;
                continue;
            }

            int end = prompt.Spans.Where(one => one.Offset > token).Select(one => one.Offset).DefaultIfEmpty(prompt.TokenIds.Length).Min();
            if (IsShown(shown, prompt) || IsShown(shown + 1, prompt))
            {
                rows.Add(Row(end - token > 1 ? $"{token} .. {end - 1}" : $"{token}", string.Join(' ', prompt.TokenIds[token..end]), "text"));
            }

            token = end;
        }

        return rows;
    }

    /// <summary>The first two runs and the last one.</summary>
    private static bool IsShown(int run, ProcessedPrompt prompt) => run is 1 or 2 || run == prompt.Spans.Count;

    private static List<string> Positions(ProcessedPrompt prompt, int[] tokens)
    {
        int length = prompt.TokenIds.Length;
        List<string> rows =
        [
            .. tokens.Select(token => Row(
                $"{token}", $"{prompt.TokenIds[token]}", $"{prompt.Positions[token]}", $"{prompt.Positions[length + token]}", $"{prompt.Positions[(2 * length) + token]}")),
        ];
        int next = length + prompt.PositionDelta;
        rows.Add(Row($"{length} (generated)", "", $"{next}", $"{next}", $"{next}"));
        return rows;
    }

    private List<string> Frames()
    {
        string[] times = VideoFrameSampler.PairTimeTexts(VideoFrameSampler.Times(_indices, SourceRateHz));
        return
        [
            Row("sampled", $"{_indices.Length} of {SourceFrames} frames"),
            Row("indices", $"{string.Join(' ', _indices.Take(6))} ... {string.Join(' ', _indices.TakeLast(2))}"),
            Row("time texts of the pairs", string.Join(' ', times)),
        ];
    }

    private static List<string> DeepStack() =>
    [
        .. Config.Vision.DeepStackIndexes.Select((block, tap) => Row($"{tap}", $"{block}", $"deepstack_merger_list.{tap}", $"{tap}")),
    ];

    /// <summary>The full blocks of a prompt and the media run that each one's name has.</summary>
    private static List<string> Blocks(ProcessedPrompt prompt)
    {
        MediaSpan span = prompt.Spans[0];
        int numFull = prompt.TokenIds.Length / KvBlock.Tokens;
        int lastWithMedia = (span.Offset + span.Length - 1) / KvBlock.Tokens;
        int[] shown = [.. new[] { 0, 1, 2, lastWithMedia, numFull - 1 }.Where(block => block < numFull).Distinct().Order()];
        return
        [
            Row("full blocks", $"{numFull}", $"{prompt.TokenIds.Length - (numFull * KvBlock.Tokens)} tokens are in none"),
            .. shown.Select(block =>
            {
                int first = block * KvBlock.Tokens;
                bool touches = first < span.Offset + span.Length && first + KvBlock.Tokens > span.Offset;
                return Row($"block {block}", $"{first} .. {first + KvBlock.Tokens - 1}", touches ? $"(content, {span.Offset - first})" : "none");
            }),
        ];
    }

    private static List<string> Steps(ProcessedPrompt prompt)
    {
        var scheduler = new Scheduler(
            new SchedulerLimits(StepTokens, StepRows, 1), new KvCacheManager(new BlockPool(200), true), new EncoderCache(StepRows));
        var sequence = new SequenceState(1, prompt, 2, BlockHash.Root("page"));
        scheduler.Add(sequence);
        var rows = new List<string>();
        MediaSpan span = prompt.Spans[0];
        for (int step = 1; step <= 3; step++)
        {
            SchedulerOutput scheduled = scheduler.Schedule();
            ScheduledSequence entry = scheduled.Sequences[0];
            int end = entry.FirstToken + entry.NumTokens;
            int vision = Math.Max(0, Math.Min(end, span.Offset + span.Length) - Math.Max(entry.FirstToken, span.Offset));
            string tokens = entry.NumTokens > 1 ? $"{entry.FirstToken} .. {end - 1}" : $"{entry.FirstToken}";
            rows.Add(Row($"{step}", $"{scheduled.MediaToEncode.Sum(media => media.Sequence.Media[media.MediaIndex].NumRows)}", tokens, $"{vision}", entry.WantsLogits ? "yes" : "no"));
            bool samples = entry.WantsLogits;
            scheduler.Advance();
            if (samples)
            {
                sequence.Append(0);
            }
        }

        return rows;
    }

    private List<string> Memory()
    {
        TextConfig text = Config.Text;
        long kvToken = 2L * text.NumLayers * text.NumKvHeads * text.HeadDim * sizeof(float);
        long row = (1L + Config.Vision.DeepStackIndexes.Count) * text.HiddenSize * sizeof(float);
        return
        [
            Row("keys and values", $"2 x {text.NumLayers} x {text.NumKvHeads} x {text.HeadDim} x 4", "a token", Bytes(kvToken), Bytes(kvToken * _page.TokenIds.Length), Bytes(kvToken * _clip.TokenIds.Length)),
            Row("encoder outputs", $"(1 + {Config.Vision.DeepStackIndexes.Count}) x {text.HiddenSize} x 4", "a row", Bytes(row), Bytes(row * _page.Media[0].Grid.NumRows), Bytes(row * _clip.Media[0].Grid.NumRows)),
        ];
    }

    private List<string> Pruned()
    {
        PrunedClip clip = _pruned.PrunedClips[0];
        int wholeStart = _clip.Spans[0].Offset;
        return
        [
            Row("encoder rows kept", $"{_clip.Media[0].Grid.NumRows}", $"{clip.NumKeptRows}"),
            Row("prompt tokens", $"{_clip.TokenIds.Length}", $"{_pruned.TokenIds.Length}"),
            Row("tokens of the clip with its texts", $"{_clip.Spans[^1].Offset + _clip.Spans[^1].Length + 1 - FirstOfClip}", $"{clip.Length}"),
            Row("first token of the clip", $"{FirstOfClip}", $"{clip.Offset}"),
            Row("first placeholder", $"{wholeStart}", $"{Array.IndexOf(_pruned.TokenIds, Config.VideoTokenId)}"),
            Row("position of the last prompt token", $"{_clip.Positions[_clip.TokenIds.Length - 1]}", $"{_pruned.Positions[_pruned.TokenIds.Length - 1]}"),
            Row("delta", $"{_clip.PositionDelta}", $"{_pruned.PositionDelta}"),
            Row("position of the first generated token", $"{_clip.TokenIds.Length + _clip.PositionDelta}", $"{_pruned.TokenIds.Length + _pruned.PositionDelta}"),
        ];
    }

    private static string Bytes(long bytes) => bytes.ToString("N0", CultureInfo.InvariantCulture);

    private static string Row(params string[] cells) => $"| {string.Join(" | ", cells)} |";
}
