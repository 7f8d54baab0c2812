namespace Qwen3VL.Batch.Media.Processes;

/// <summary>One call of a program that parses untrusted bytes.</summary>
/// <param name="Program">Name of the program, looked up on the path.</param>
/// <param name="Arguments">Arguments, passed as a list: no shell reads them.</param>
internal sealed record DecoderCommand(string Program, IReadOnlyList<string> Arguments);
