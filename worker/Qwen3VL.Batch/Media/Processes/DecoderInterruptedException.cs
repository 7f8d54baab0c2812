namespace Qwen3VL.Batch.Media.Processes;

/// <summary>A decoder was ended by a signal that this process did not send: the file is not at fault, and the work may be tried again.</summary>
/// <param name="program">The program's name.</param>
/// <param name="exitCode">Its exit code.</param>
internal sealed class DecoderInterruptedException(string program, int exitCode)
    : IOException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{program} must end by itself; it was ended from outside with exit code {exitCode}"));
