namespace Qwen3VL.Batch.Messaging;

/// <summary>What the broker has of one thing that this product declares.</summary>
/// <param name="Kind"><c>exchange</c> or <c>queue</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Whether it is there.</param>
/// <param name="Messages">Of a queue: ready messages.</param>
/// <param name="Consumers">Of a queue: its consumers.</param>
/// <param name="Problem">What the broker says when it differs, or does not let this user compare it.</param>
internal sealed record TopologyEntry(string Kind, string Name, TopologyState State, uint? Messages = null, uint? Consumers = null, string? Problem = null);
