namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>One invariant. Pure: looks at what is there and says what is wrong.</summary>
internal interface IRule
{
    /// <summary><c>I1</c> to <c>I12</c>.</summary>
    string Id { get; }

    /// <summary>What is wrong, a message for each.</summary>
    IEnumerable<string> Check(RunState state, RunExpectation expected);
}
