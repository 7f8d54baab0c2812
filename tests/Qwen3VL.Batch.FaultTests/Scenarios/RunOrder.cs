using Xunit.Abstractions;
using Xunit.Sdk;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

/// <summary>
/// Tests ask in the order in which scenarios are begun, so that one ends every few seconds: the first that asked for the last scenario would
/// look like a test that hangs.
/// </summary>
public sealed class RunOrder : ITestCaseOrderer
{
    /// <inheritdoc/>
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
    {
        string[] ids = [.. FastTier.Scenarios.Select(scenario => scenario.Id)];
        return testCases.OrderBy(test => test.TestMethodArguments is [string id, ..] ? Array.IndexOf(ids, id) : -1);
    }
}
