namespace Qwen3VL.Engine.Contract;

/// <summary>On a suite that derives from a contract: something the machine must have. Without it the suite's tests are skipped, not passed.</summary>
[AttributeUsage(AttributeTargets.Class)]
public abstract class RuntimeConditionAttribute : Attribute
{
    /// <summary>Why the suite cannot run here; null where it can.</summary>
    public abstract string? SkipReason { get; }
}
