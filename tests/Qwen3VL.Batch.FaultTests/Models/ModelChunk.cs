using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>A chunk as the state machine has it.</summary>
internal sealed class ModelChunk(PlannedChunk plan, int groupNo)
{
    public PlannedChunk Plan { get; } = plan;

    public int GroupNo { get; set; } = groupNo;

    /// <summary>Null while it is open.</summary>
    public string? Outcome { get; set; }

    public int Starts { get; set; }

    /// <summary>Starts that no worker answered for.</summary>
    public int Lost { get; set; }

    /// <summary>Claim under which it was begun and not answered for.</summary>
    public long? StartFence { get; set; }

    /// <summary>Claim that answered for it last.</summary>
    public long? Fence { get; set; }
}
