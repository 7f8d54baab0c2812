using System.Text.Json;

namespace Qwen3VL.Engine;

/// <summary>A call of a function that an assistant turn makes.</summary>
/// <param name="Name">The function. Untrusted text: no special token is read in it.</param>
/// <param name="Arguments">
/// Usually a JSON object; a JSON string is written verbatim, as arguments that are JSON already. Untrusted like the name. Its document stays open
/// until the request is submitted.
/// </param>
public sealed record ToolCall(string Name, JsonElement Arguments);
