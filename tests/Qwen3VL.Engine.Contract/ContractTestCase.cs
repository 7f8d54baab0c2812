using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Qwen3VL.Engine.Contract;

/// <summary>A test case that asks the deriving suite whether it can run on this machine.</summary>
public sealed class ContractTestCase : XunitTestCase
{
    /// <summary>For the test runner, which deserialises cases.</summary>
    [Obsolete("Called by the test runner only.")]
    public ContractTestCase()
    {
    }

    /// <summary>A case of a suite's method.</summary>
    public ContractTestCase(IMessageSink diagnosticMessageSink, TestMethodDisplay display, TestMethodDisplayOptions displayOptions, ITestMethod testMethod)
        : base(diagnosticMessageSink, display, displayOptions, testMethod)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        TestMethod.TestClass.Class.ToRuntimeType().GetCustomAttribute<RuntimeConditionAttribute>()?.SkipReason ?? base.GetSkipReason(factAttribute);
}
