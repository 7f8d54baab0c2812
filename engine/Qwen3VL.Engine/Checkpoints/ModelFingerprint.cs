using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Identity of a model folder by content: one SHA-256 over the name, the length and the SHA-256 of each 16 MiB of every file that changes what
/// the model answers. Equal folders have equal fingerprints wherever they lie.
/// </summary>
internal static class ModelFingerprint
{
    // Large files are hashed in pieces by all processors: one alone takes several seconds for the smallest released checkpoint.
    private const int PieceBytes = 16 << 20;

    private static readonly string[] SideFiles =
    [
        "added_tokens.json",
        "chat_template.jinja",
        "chat_template.json",
        ModelConfigReader.FileName,
        GenerationConfigReader.FileName,
        "merges.txt",
        "preprocessor_config.json",
        "processor_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "video_preprocessor_config.json",
        "vocab.json",
    ];

    /// <summary>Computes the fingerprint, reading every byte once; absent side files are left out.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="adapterFolder">The adapter it is loaded with, whose files count too; null for none.</param>
    /// <param name="cancellationToken">Stops between two pieces.</param>
    /// <returns>64 lower-case hex digits.</returns>
    /// <exception cref="CheckpointException">A weight file is missing or unreadable.</exception>
    internal static string Compute(string folder, string? adapterFolder, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            IEnumerable<string> files = SideFiles.Select(name => Path.Combine(folder, name)).Where(File.Exists).Concat(CheckpointIndex.ListFiles(folder));
            foreach (string path in adapterFolder is null ? files : files.Concat(LoraAdapter.ListFiles(adapterFolder)))
            {
                AppendFile(hash, path, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{folder}{(adapterFolder is null ? "" : $" and {adapterFolder}")} must hold readable model files; got {exception.GetType().Name}", exception);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The fingerprint of an engine that prunes clips: such an engine answers as another model would. A rate of 0 changes nothing.</summary>
    internal static string WithPruning(string fingerprint, double rate) => rate == 0
        ? fingerprint
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{fingerprint} pruned {rate:R}"))));

    /// <summary>The fingerprint of weights kept as an option says: rounding makes another model, exact types do not.</summary>
    internal static string WithStorage(string fingerprint, WeightStorage storage) => storage != WeightStorage.BF16
        ? fingerprint
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{fingerprint} weights rounded to bfloat16")));

    private static void AppendFile(IncrementalHash hash, string path, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        long length = RandomAccess.GetLength(file);
        byte[] name = Encoding.UTF8.GetBytes(Path.GetFileName(path));
        Span<byte> lengths = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(lengths, name.Length);
        BinaryPrimitives.WriteInt64LittleEndian(lengths[sizeof(long)..], length);
        hash.AppendData(lengths);
        hash.AppendData(name);
        hash.AppendData(HashPieces(file, length, cancellationToken));
    }

    /// <summary>The SHA-256 of each piece, one behind the other.</summary>
    private static byte[] HashPieces(SafeFileHandle file, long length, CancellationToken cancellationToken)
    {
        int pieces = checked((int)((length + PieceBytes - 1) / PieceBytes));
        byte[] digests = new byte[pieces * SHA256.HashSizeInBytes];
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            _ = Parallel.For(0, pieces, options, piece =>
            {
                long start = (long)piece * PieceBytes;
                int count = (int)Math.Min(PieceBytes, length - start);
                byte[] bytes = ArrayPool<byte>.Shared.Rent(count);
                try
                {
                    ReadExactly(file, start, bytes.AsSpan(0, count));
                    SHA256.HashData(bytes.AsSpan(0, count), digests.AsSpan(piece * SHA256.HashSizeInBytes));
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(bytes);
                }
            });
        }
        catch (AggregateException exception)
        {
            // Of several failures the first says enough; the caller knows its kind.
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }

        return digests;
    }

    private static void ReadExactly(SafeFileHandle file, long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(file, destination, offset);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            destination = destination[read..];
            offset += read;
        }
    }
}
