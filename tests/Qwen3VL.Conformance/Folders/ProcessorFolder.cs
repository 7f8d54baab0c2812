using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary>
/// <c>processor/*.json</c>: chat text with a clip of <c>../video</c> and a picture of <c>../image</c> -> the ids of the whole prompt, by the
/// bundled model's tokenizer.
/// </summary>
internal sealed class ProcessorFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName.EndsWith(".json", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        foreach (string path in Directory.EnumerateFiles(Path, "*.json").Order(StringComparer.Ordinal))
        {
            string file = System.IO.Path.GetFileName(path);
            cases.Section(file, () =>
            {
                MixedGolden[] goldens = Goldens.ReadFile<MixedGolden[]>(path);
                for (int i = 0; i < goldens.Length; i++)
                {
                    MixedGolden golden = goldens[i];
                    cases.Case($"{file}[{i}]", check => Check(check, golden));
                }
            });
        }
    }

    private void Check(CaseCheck check, MixedGolden golden)
    {
        BpeTokenizer tokenizer = Context.TinyTokenizer;
        string root = Context.Options.Folder;
        IReadOnlyList<PromptSegment> segments = PlaceholderText.Cut(golden.Text);
        var media = new List<ProcessedMedia>();
        foreach (PromptSegment segment in segments.Where(segment => segment.MediaIndex >= 0))
        {
            media.Add(segment.Kind == PromptSegmentKind.Video
                ? MediaProcessor.Process(ReadClip(System.IO.Path.Combine(root, "video"), golden.Clip), ReleasedBounds.Video)
                : MediaProcessor.Process(PngFile.ReadRgb(System.IO.Path.Combine(root, "image", golden.Image)), ReleasedBounds.Image));
        }

        var expander = new PlaceholderExpander(tokenizer, PlaceholderText.ConfigOf(tokenizer, ModelConfig.Load(Context.Options.TinyModel)));
        check.EqualIntegers("ids", expander.Expand(segments, media).TokenIds, golden.Ids);
    }

    private static VideoClip ReadClip(string folder, string clip)
    {
        ClipGolden[] goldens = Goldens.ReadFile<ClipGolden[]>(System.IO.Path.Combine(folder, "clips.json"));
        ClipGolden source = Array.Find(goldens, golden => golden.Folder == clip)
            ?? throw new InvalidDataException($"the clip of a prompt must stand in clips.json; got {clip}");
        return VideoFolder.Sample(PngFile.ReadFrames(System.IO.Path.Combine(folder, clip)), source.SrcFps, ReleasedBounds.Video, out _);
    }
}
