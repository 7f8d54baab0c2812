namespace Qwen3VL.Engine.Constraints;

/// <summary>A step of a grammar state over everything that another rule accepts.</summary>
/// <param name="Rule">Start state of the rule.</param>
/// <param name="Return">State behind it.</param>
internal readonly record struct CallEdge(int Rule, int Return);
