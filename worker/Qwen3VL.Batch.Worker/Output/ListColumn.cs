namespace Qwen3VL.Batch.Worker.Output;

/// <summary>A column of a list.</summary>
/// <typeparam name="T">What a row tells of.</typeparam>
/// <param name="Name">Head of the column.</param>
/// <param name="Cell">Its text in a row.</param>
internal sealed record ListColumn<T>(string Name, Func<T, string> Cell);
