namespace Qwen3VL.Conformance;

/// <summary>The command line, or a path that it names, is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);
