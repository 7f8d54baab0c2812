using System.Text.Json;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>A call the assistant made.</summary>
/// <param name="Name">The function.</param>
/// <param name="Arguments">A JSON string is written verbatim, anything else as JSON in the style of <see cref="PythonJson"/>.</param>
internal sealed record TemplateToolCall(string Name, JsonElement Arguments);
