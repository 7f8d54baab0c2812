namespace Qwen3VL.Engine.Checkpoints;

/// <summary>Reads the small files of a model folder: what somebody else wrote must not fill the memory before it is looked at.</summary>
internal static class SideFile
{
    /// <summary>Longest accepted file: released ones, with every added token and a template of pages, have a few hundred kilobytes.</summary>
    internal const long MaxBytes = 4L << 20;

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="CheckpointException">The file is unreadable or too long.</exception>
    internal static byte[] ReadBytes(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw new CheckpointException($"{path} must have at most {MaxBytes} bytes; got {stream.Length}");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path} must be a readable file; got {exception.GetType().Name}", exception);
        }
    }
}
