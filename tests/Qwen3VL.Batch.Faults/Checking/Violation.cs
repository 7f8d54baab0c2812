namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>Something that must hold and does not.</summary>
/// <param name="Rule"><c>I1</c> to <c>I12</c>, or <c>S</c> for what one scenario asks beside them.</param>
/// <param name="Message">What must hold, and what was found.</param>
internal sealed record Violation(string Rule, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {Message}";
}
