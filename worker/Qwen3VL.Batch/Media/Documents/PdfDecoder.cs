using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Batch.Media.Documents;

/// <summary>
/// Renders PDF pages with poppler processes (<c>pdfinfo</c>, <c>pdftoppm</c>), straight at the size at which the model reads them, so that no
/// second resampling blurs the text. Thread-safe.
/// </summary>
internal sealed class PdfDecoder(MediaOptions options, DecoderProcess process, DecodedMemory memory)
{
    private const int PointsPerInch = 72;

    /// <summary>200 inches: the largest page that PDF readers promise (ISO 32000-1, annex C).</summary>
    private const double MaxSidePoints = 14_400;

    private const int MaxInfoBytes = 1 << 20;

    private readonly MediaOptions _options = options with { };

    /// <summary>Number of pages.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, unsupported_media or limit_exceeded.</exception>
    public async Task<int> CountPagesAsync(SourceFile source, CancellationToken cancellationToken)
    {
        string text = await DescribeAsync(source, pageNo: 1, cancellationToken).ConfigureAwait(false);
        if (!PdfInfoText.TryReadPageCount(text, out int pageCount) || pageCount < 1)
        {
            throw Broken(source);
        }

        return pageCount <= _options.MaxPages
            ? pageCount
            : throw new ContentException(
                ErrorCodes.LimitExceeded, $"a document must have at most {_options.MaxPages} pages; {source.DisplayName} has {pageCount}");
    }

    /// <summary>Renders a page upright.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, unsupported_media or limit_exceeded.</exception>
    public async Task<DecodedPage> RenderAsync(SourceFile source, int pageNo, PageRequest request, CancellationToken cancellationToken)
    {
        string text = await DescribeAsync(source, pageNo, cancellationToken).ConfigureAwait(false);
        if (!PdfInfoText.TryReadPage(text, pageNo, out PdfPage? page))
        {
            throw Broken(source);
        }

        PixelSize size = TargetSize(source, pageNo, page, request, request.MaxPixels);
        PixelSize unreduced = request.UnreducedMaxPixels == request.MaxPixels ? size : TargetSize(source, pageNo, page, request, request.UnreducedMaxPixels);
        DecodedRoom room = await memory.TakeAsync((long)size.Width * size.Height * 3, $"page {pageNo} of {source.DisplayName}", cancellationToken)
            .ConfigureAwait(false);
        try
        {
            return await RenderAsync(source, pageNo, page, size, cancellationToken).ConfigureAwait(false) with
            {
                UnreducedPixels = (long)unreduced.Width * unreduced.Height,
                Room = room,
            };
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    private async Task<DecodedPage> RenderAsync(SourceFile source, int pageNo, PdfPage page, PixelSize size, CancellationToken cancellationToken)
    {
        // The program scales before it rotates, so a sideways page is asked for with its sides exchanged. Were a version to scale after it
        // rotates, the sides would come out exchanged: the second order is tried then.
        PixelSize exchanged = new(size.Height, size.Width);
        foreach (PixelSize asked in page.IsSideways ? (PixelSize[])[exchanged, size] : [size, exchanged])
        {
            RgbImage image = await RenderAsync(source, pageNo, asked, cancellationToken).ConfigureAwait(false);
            if (image.Width == size.Width && image.Height == size.Height)
            {
                return new DecodedPage(pageNo, image, page.RotationDegrees, page.UprightWidth, page.UprightHeight);
            }
        }

        throw Broken(source);
    }

    private PixelSize TargetSize(SourceFile source, int pageNo, PdfPage page, PageRequest request, int maxPixels)
    {
        if (page.WidthPoints > MaxSidePoints || page.HeightPoints > MaxSidePoints)
        {
            throw new ContentException(
                ErrorCodes.LimitExceeded,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a page's sides must be at most {MaxSidePoints} points; page {pageNo} of {source.DisplayName} is {page.WidthPoints}x{page.HeightPoints}"));
        }

        PixelSize size;
        try
        {
            size = SmartResize.ForImage(
                ToPixels(page.UprightWidth, request.Dpi),
                ToPixels(page.UprightHeight, request.Dpi),
                new ImageBounds(request.MinPixels, maxPixels, request.SizeMultiple));
        }
        catch (InvalidRequestException exception)
        {
            throw new ContentException(ErrorCodes.LimitExceeded, $"page {pageNo} of {source.DisplayName} cannot be read: {exception.Message}", exception);
        }

        return (long)size.Width * size.Height <= _options.MaxImagePixels
            ? size
            : throw new ContentException(
                ErrorCodes.LimitExceeded, $"a page must have at most {_options.MaxImagePixels} pixels; page {pageNo} would have {size.Width}x{size.Height}");
    }

    private static int ToPixels(double points, int dpi) => Math.Max(1, (int)Math.Round(points * dpi / PointsPerInch));

    private async Task<string> DescribeAsync(SourceFile source, int pageNo, CancellationToken cancellationToken)
    {
        string page = pageNo.ToString(CultureInfo.InvariantCulture);
        DecoderCommand command = new("pdfinfo", ["-f", page, "-l", page, "-enc", "UTF-8", source.Path]);
        (DecoderExit exit, string output) = await process.RunTextAsync(command, MaxInfoBytes, cancellationToken).ConfigureAwait(false);
        if (exit.ExitCode == 0)
        {
            return output;
        }

        if (exit.Errors.Contains("Incorrect password", StringComparison.Ordinal))
        {
            throw new ContentException(ErrorCodes.UnsupportedMedia, $"a PDF must open without a password; {source.DisplayName} is encrypted");
        }

        throw exit.Errors.Contains("Wrong page range", StringComparison.Ordinal)
            ? new ContentException(ErrorCodes.DecodeFailed, $"the page must exist; {source.DisplayName} has no page {pageNo}")
            : Broken(source);
    }

    private async Task<RgbImage> RenderAsync(SourceFile source, int pageNo, PixelSize size, CancellationToken cancellationToken)
    {
        string page = pageNo.ToString(CultureInfo.InvariantCulture);
        DecoderCommand command = new(
            "pdftoppm",
            [
                "-f", page, "-l", page, "-singlefile", "-cropbox",
                "-scale-to-x", size.Width.ToString(CultureInfo.InvariantCulture), "-scale-to-y", size.Height.ToString(CultureInfo.InvariantCulture),
                source.Path,
            ]);
        RgbImage? image = null;
        DecoderExit exit = await process.RunAsync(
            command,
            async (output, token) => image = await PpmImage.ReadAsync(output, size, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        if (exit.ExitCode == 0 && image is not null)
        {
            return image;
        }

        process.ThrowIfOutOfMemory(command.Program, exit.Errors);
        throw Broken(source);
    }

    private static ContentException Broken(SourceFile source) =>
        new(ErrorCodes.DecodeFailed, $"the PDF must be whole and sound; {source.DisplayName} cannot be rendered");
}
