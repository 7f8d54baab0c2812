namespace Qwen3VL.TestKit.Fuzzing;

/// <summary>A random input on which a test failed; the message has its seed.</summary>
public sealed class FuzzFailureException(string message, Exception inner) : Exception(message, inner);
