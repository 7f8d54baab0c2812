using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>image/</c>: sizes of <c>smart_resize.json</c>, and the patch rows of every picture of <c>pixels.json</c>.</summary>
internal sealed class ImageFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string SizesFile = "smart_resize.json";
    private const string PixelsFile = "pixels.json";

    // Height, width, min_pixels, max_pixels.
    private const int NumSizeNumbers = 4;

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is SizesFile or PixelsFile || fileName.EndsWith(".png", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        if (System.IO.File.Exists(File(SizesFile)))
        {
            cases.Section(SizesFile, () => ResizeRows.Run(File(SizesFile), NumSizeNumbers, cases, row =>
                SmartResize.ForImage(checked((int)row[1]), checked((int)row[0]), Bounds(row[2], row[3]))));
        }

        if (System.IO.File.Exists(File(PixelsFile)) || Directory.EnumerateFiles(Path, "*.png").Any())
        {
            cases.Section(PixelsFile, () => RunPixels(cases));
        }
    }

    private void RunPixels(CaseRunner cases)
    {
        ImageGolden[] goldens = Goldens.ReadFile<ImageGolden[]>(File(PixelsFile));
        foreach (ImageGolden golden in goldens)
        {
            cases.Case(golden.File, check => Check(check, golden));
        }

        foreach (string file in Directory.EnumerateFiles(Path, "*.png").Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)
            .Except(goldens.Select(golden => golden.File)))
        {
            cases.Note($"{file} is in no golden");
        }
    }

    private void Check(CaseCheck check, ImageGolden golden)
    {
        ProcessedMedia media = MediaProcessor.Process(PngFile.ReadRgb(File(golden.File)), Bounds(golden.MinPixels, golden.MaxPixels));
        PatchRows.Check(check, media, golden.GridThw, golden.Rows, golden.Sha256U8, golden.RowSums);
        ReadOnlySpan<byte> patches = media.Patches.Span;
        PatchRows.CheckEnd(check, "first_row", patches[..Math.Min(golden.FirstRow.Length, patches.Length)], golden.FirstRow);
        PatchRows.CheckEnd(check, "last_row", patches[^Math.Min(golden.LastRow.Length, patches.Length)..], golden.LastRow);
    }

    private static ImageBounds Bounds(long minPixels, long maxPixels) => new(checked((int)minPixels), checked((int)maxPixels), PatchExtractor.TokenSize);
}
