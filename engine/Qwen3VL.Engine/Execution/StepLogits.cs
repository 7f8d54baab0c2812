namespace Qwen3VL.Engine.Execution;

/// <summary>The logits of one step. Borrowed from the runner until its next step.</summary>
/// <param name="values"><c>[rows, vocabulary]</c>; may be longer.</param>
/// <param name="numRows">Rows.</param>
/// <param name="vocabularySize">Logits in a row.</param>
internal readonly struct StepLogits(float[] values, int numRows, int vocabularySize)
{
    /// <summary>Rows.</summary>
    public int NumRows => numRows;

    /// <summary>One row; the sampler changes it in place.</summary>
    public Span<float> Row(int row) => values.AsSpan(checked(row * vocabularySize), vocabularySize);
}
