using Xunit;
using Xunit.Sdk;

namespace Qwen3VL.Engine.Contract;

/// <summary>A test of a contract, skipped where the <see cref="RuntimeConditionAttribute"/> of the deriving suite does not hold.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Qwen3VL.Engine.Contract.ContractFactDiscoverer", "Qwen3VL.Engine.Contract")]
public sealed class ContractFactAttribute : FactAttribute;
