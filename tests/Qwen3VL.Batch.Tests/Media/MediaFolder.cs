using System.Diagnostics;
using Qwen3VL.Batch.Media;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>A temporary source root with files made for one test; deleted at the end.</summary>
internal sealed class MediaFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("qwen3vl-media-").FullName;

    public MediaOptions Options => new() { SourceRoot = Root, ProcessTimeoutSeconds = 60 };

    public void Dispose() => Directory.Delete(Root, recursive: true);

    public string PathOf(string name) => Path.Combine(Root, name);

    public MediaDecoder Decoder() => Decoder(Options);

    public static MediaDecoder Decoder(MediaOptions options) => new(options, TimeProvider.System);

    /// <summary>A file as the resolver would hand it on; the hash only has to differ between files.</summary>
    public SourceFile Source(string name) => new(PathOf(name), name, $"{name}:{new FileInfo(PathOf(name)).Length}", new FileInfo(PathOf(name)).Length);

    public SourceFile Write(string name, byte[] content)
    {
        File.WriteAllBytes(PathOf(name), content);
        return Source(name);
    }

    /// <summary>Runs a program in the folder to make an input.</summary>
    public void Run(string program, params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program) { WorkingDirectory = Root, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} must start");
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} must make the input; it ended with {process.ExitCode}: {errors}");
        }
    }

    /// <summary>
    /// A video of 64x48 whose frame n is gray of luma 16 + n, so that a decoded frame says which one it is (see <see cref="FrameNumber"/>).
    /// </summary>
    public SourceFile NumberedVideo(string name, int frames, int rateHz, params IReadOnlyList<string> encoder)
    {
        Run(
            "ffmpeg",
            [
                "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", $"color=c=black:s=64x48:r={rateHz},format=yuv420p,geq=lum=16+N:cb=128:cr=128",
                "-frames:v", $"{frames}", .. encoder, "file:" + name,
            ]);
        return Source(name);
    }

    /// <summary>Which frame of a numbered video this is: the inverse of studio-range luma to full-range gray.</summary>
    public static int FrameNumber(Engine.RgbImage image)
    {
        int center = ((image.Height / 2 * image.Width) + (image.Width / 2)) * 3;
        return (int)Math.Round(image.Pixels.Span[center] * 219.0 / 255);
    }
}
