namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>A row of the hot list as the state machine has it.</summary>
internal sealed class ModelGroup
{
    public required int GroupNo { get; init; }

    public int Stage { get; init; }

    public long Fence { get; set; }

    /// <summary>Null while it is ready.</summary>
    public long? Owner { get; set; }

    public bool Waiting { get; set; }

    public bool Cancelled { get; set; }

    public short Lane { get; set; }

    /// <summary>Leases that ran out with their worker silent; counted for planning groups.</summary>
    public int Lost { get; set; }

    public bool IsReady => Owner is null && !Waiting && !Cancelled;
}
