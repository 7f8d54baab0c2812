using System.Globalization;
using System.Security.Cryptography;
using Qwen3VL.Batch.Media;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Turns files that a person names into parts of a prompt, decoded as a worker decodes them.</summary>
internal sealed class PromptMedia
{
    private readonly IMediaDecoder _decoder;
    private readonly EngineDescription _engine;
    private readonly int _dpi;

    /// <summary>Creates one.</summary>
    /// <param name="decoder">Decodes.</param>
    /// <param name="engine">Whose pixel bounds hold.</param>
    /// <param name="dpi">Resolution of PDF pages.</param>
    public PromptMedia(IMediaDecoder decoder, EngineDescription engine, int dpi)
    {
        _decoder = decoder;
        _engine = engine;
        _dpi = dpi;
    }

    /// <summary>A picture, or a page of a PDF named like <c>report.pdf#3</c>.</summary>
    /// <exception cref="ContentException">The file cannot be read.</exception>
    public async Task<ImagePart> ImageAsync(string name, CancellationToken cancellationToken)
    {
        (string path, int pageNo) = SplitPage(name);
        ImageBounds bounds = _engine.Image;
        PageRequest request = new(_dpi, bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple);
        SourceFile file = await OpenAsync(path, cancellationToken).ConfigureAwait(false);

        // A prompt holds all its media at once, whatever they take: waiting for room that it holds itself would never end.
        using DecodedPage page = await _decoder.DecodePageAsync(file, pageNo, request, cancellationToken).ConfigureAwait(false);
        return new ImagePart(page.Image);
    }

    /// <summary>A whole video as one clip.</summary>
    /// <exception cref="ContentException">The file cannot be read.</exception>
    public async Task<VideoPart> VideoAsync(string path, double? framesPerSecond, CancellationToken cancellationToken)
    {
        SourceFile file = await OpenAsync(path, cancellationToken).ConfigureAwait(false);
        MediaInfo info = await _decoder.ProbeAsync(file, cancellationToken).ConfigureAwait(false);
        VideoBounds bounds = _engine.Video;
        WindowRequest request = new(
            0,
            checked((int)info.DurationMs),
            framesPerSecond ?? bounds.FramesPerSecond,
            bounds.MinFrames,
            bounds.MaxFrames);
        using DecodedWindow window = await _decoder.DecodeWindowAsync(file, request, cancellationToken).ConfigureAwait(false);
        return new VideoPart(new VideoClip(window.Frames, [.. window.PtsMs.Select(ms => ms / 1000)]));
    }

    // A '#' belongs to the name when a file has that name.
    private static (string Path, int PageNo) SplitPage(string name)
    {
        int mark = name.LastIndexOf('#');
        return mark > 0 && !File.Exists(name) && int.TryParse(
            name.AsSpan(mark + 1),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int pageNo) && pageNo >= 1
            ? (name[..mark], pageNo)
            : (name, 1);
    }

    // The file was named by the person at the keyboard: no source root. The decoder keeps frame indexes by hash, so each file needs its own.
    private static async Task<SourceFile> OpenAsync(string path, CancellationToken cancellationToken)
    {
        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new CommandException(ExitCodes.Usage, $"'{path}' must be a file; there is none");
        }

        await using FileStream content = file.OpenRead();
        byte[] hash = await SHA256.HashDataAsync(content, cancellationToken).ConfigureAwait(false);
        return new SourceFile(file.FullName, path, Convert.ToHexStringLower(hash), file.Length);
    }
}
