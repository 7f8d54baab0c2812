namespace Qwen3VL.Batch.Storage;

/// <summary>What a worker says of itself when it registers.</summary>
/// <param name="Host">Machine.</param>
/// <param name="ProcessId">Process.</param>
/// <param name="Version">Of the program.</param>
/// <param name="Slots">Groups that it holds at most.</param>
/// <param name="Lanes">Lanes that it takes from.</param>
internal sealed record WorkerIdentity(string Host, int ProcessId, string Version, int Slots, IReadOnlyList<short> Lanes);
