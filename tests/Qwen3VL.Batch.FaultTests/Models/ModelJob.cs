using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>
/// A job as the state machine has it, without a database.
/// <code>
/// accepted -> splitting -> running -> succeeded | partial | failed        any open state -> cancelling -> cancelled
/// chunk    open -> succeeded | failed | cancelled                         once
/// group    ready -> leased -> ready (given back, run out) | deleted       the fence grows with every lease
/// </code>
/// </summary>
internal sealed class ModelJob(string key, string file)
{
    public string Key { get; } = key;

    public string File { get; } = file;

    public Guid Id { get; set; }

    public string State { get; private set; } = "accepted";

    public int? Total { get; private set; }

    public int Done { get; private set; }

    public int Failed { get; private set; }

    public SortedDictionary<int, ModelChunk> Chunks { get; } = [];

    public SortedDictionary<int, ModelGroup> Groups { get; } = new() { [0] = new ModelGroup { GroupNo = 0 } };

    public bool IsOpen => State is "accepted" or "splitting" or "running";

    public bool IsFinal => State is "succeeded" or "partial" or "failed" or "cancelled";

    /// <summary>The group of a lease, when the lease is its present one.</summary>
    public ModelGroup? Held(ClaimedGroup lease) =>
        Groups.TryGetValue(lease.GroupNo, out ModelGroup? group) && group.Owner == lease.WorkerId && group.Fence == lease.Fence ? group : null;

    public void Lease(ModelGroup group, long worker)
    {
        group.Owner = worker;
        group.Fence++;
        if (group.GroupNo == 0 && State == "accepted")
        {
            State = "splitting";
        }
    }

    /// <summary>Ends planning; false when the lease is stale or the job is to stop.</summary>
    public bool Plan(ClaimedGroup lease, JobPlan plan)
    {
        if (Held(lease) is null || lease.GroupNo != 0)
        {
            return false;
        }

        if (State is not ("accepted" or "splitting"))
        {
            Finish(lease);
            return false;
        }

        _ = Groups.Remove(0);
        foreach (PlannedGroup group in plan.Groups)
        {
            Groups[group.GroupNo] = new ModelGroup { GroupNo = group.GroupNo, Stage = group.Stage, Waiting = group.Stage > plan.Groups[0].Stage };
            foreach (PlannedChunk chunk in group.Chunks)
            {
                Chunks[chunk.ChunkNo] = new ModelChunk(chunk, group.GroupNo);
            }
        }

        (Total, State) = (Chunks.Count, "running");
        return true;
    }

    public bool FailPlanning(ClaimedGroup lease)
    {
        if (Held(lease) is null)
        {
            return false;
        }

        _ = Groups.Remove(0);
        if (State is "accepted" or "splitting")
        {
            State = "failed";
            return true;
        }

        EndCancelled();
        return false;
    }

    public bool Begin(ClaimedGroup lease, ModelChunk chunk)
    {
        if (!IsOpenAndHeld(lease, chunk))
        {
            return false;
        }

        chunk.Starts += chunk.StartFence == lease.Fence ? 0 : 1;
        chunk.StartFence = lease.Fence;
        return true;
    }

    public ChunkEnd End(ClaimedGroup lease, ModelChunk chunk, bool succeeds)
    {
        if (!IsOpenAndHeld(lease, chunk))
        {
            return ChunkEnd.Superseded;
        }

        chunk.Fence = lease.Fence;
        return EndOpen(chunk, succeeds) ? ChunkEnd.JobFinished : ChunkEnd.Recorded;
    }

    public bool Retry(ClaimedGroup lease, ModelChunk chunk)
    {
        if (!IsOpenAndHeld(lease, chunk) || chunk.Fence == lease.Fence)
        {
            return false;
        }

        (chunk.Fence, chunk.StartFence) = (lease.Fence, null);
        return true;
    }

    public void Release(ClaimedGroup lease)
    {
        if (Held(lease) is { } group)
        {
            group.Owner = null;
        }
    }

    public void Finish(ClaimedGroup lease)
    {
        if (Held(lease) is { } group && (group.Cancelled || State == "cancelling" || (group.GroupNo > 0 && !Chunks.Values.Any(chunk => IsOpenIn(chunk, group)))))
        {
            _ = Groups.Remove(group.GroupNo);
            EndCancelled();
        }
    }

    /// <summary>The lease is over and nobody answered for what was begun under it.</summary>
    /// <param name="group">Whose lease.</param>
    /// <param name="ranOut">Whether it ran out; otherwise its worker gave it back and lives.</param>
    public void TakeBack(ModelGroup group, bool ranOut)
    {
        bool inQuarantine = group.GroupNo >= Quarantine.FirstGroupNo;
        ModelChunk[] lost = [.. Chunks.Values.Where(chunk => IsOpenIn(chunk, group) && chunk.StartFence == group.Fence)];
        foreach (ModelChunk chunk in lost)
        {
            (chunk.Lost, chunk.StartFence) = (chunk.Lost + 1, null);
        }

        group.Owner = null;
        group.Lost += ranOut ? 1 : 0;
        foreach (ModelChunk chunk in lost.Where(chunk => !inQuarantine && chunk.Lost >= Quarantine.EntryLosses))
        {
            chunk.GroupNo = Quarantine.FirstGroupNo + chunk.Plan.ChunkNo;
            Groups[chunk.GroupNo] = new ModelGroup { GroupNo = chunk.GroupNo, Stage = group.Stage, Fence = group.Fence, Cancelled = group.Cancelled, Lane = Lanes.Quarantine };
        }

        foreach (ModelChunk chunk in lost.Where(chunk => inQuarantine && chunk.Lost >= Quarantine.FinalLosses))
        {
            _ = Groups.Remove(group.GroupNo);
            _ = EndOpen(chunk, succeeds: false);
        }

        if (group.GroupNo == 0 && ranOut)
        {
            LosePlanning(group);
        }
    }

    /// <summary>False when the job is not one that can still be stopped.</summary>
    public bool Cancel()
    {
        if (IsFinal)
        {
            return false;
        }

        State = "cancelling";
        Withdraw();
        return true;
    }

    /// <summary>What a sweep does for a job that is being cancelled.</summary>
    public void Withdraw()
    {
        if (State != "cancelling")
        {
            return;
        }

        foreach (ModelGroup group in Groups.Values.ToArray())
        {
            group.Cancelled = true;
            if (group.Owner is null)
            {
                _ = Groups.Remove(group.GroupNo);
            }
        }

        EndCancelled();
    }

    /// <summary>The deadline has passed.</summary>
    public void EndOverdue()
    {
        if (!IsOpen)
        {
            return;
        }

        foreach (ModelChunk chunk in Chunks.Values.Where(chunk => chunk.Outcome is null))
        {
            chunk.Outcome = "failed";
        }

        Groups.Clear();
        Failed = (Total ?? Done) - Done;
        State = Done > 0 ? "partial" : "failed";
    }

    private static bool IsOpenIn(ModelChunk chunk, ModelGroup group) => chunk.Outcome is null && chunk.GroupNo == group.GroupNo;

    private bool IsOpenAndHeld(ClaimedGroup lease, ModelChunk chunk) => Held(lease) is { } group && IsOpenIn(chunk, group);

    private void LosePlanning(ModelGroup group)
    {
        if (group.Lost >= Quarantine.EntryLosses)
        {
            group.Lane = Lanes.Quarantine;
        }

        if (group.Lost >= Quarantine.FinalLosses)
        {
            _ = Groups.Remove(0);
            State = State is "accepted" or "splitting" ? "failed" : State;
        }
    }

    // True when the job ended with it.
    private bool EndOpen(ModelChunk chunk, bool succeeds)
    {
        chunk.Outcome = succeeds ? "succeeded" : "failed";
        (Done, Failed) = succeeds ? (Done + 1, Failed) : (Done, Failed + 1);
        if (Chunks.Values.Where(other => other.Plan.Stage == chunk.Plan.Stage).All(other => other.Outcome is not null))
        {
            int? next = Chunks.Values.Where(other => other.Plan.Stage > chunk.Plan.Stage).Min(other => (int?)other.Plan.Stage);
            foreach (ModelGroup group in Groups.Values.Where(group => group.GroupNo > 0 && group.Stage == next))
            {
                group.Waiting = false;
            }
        }

        if (State != "running" || Done + Failed != Total)
        {
            return false;
        }

        State = Failed == 0 ? "succeeded" : Done == 0 ? "failed" : "partial";
        return true;
    }

    private void EndCancelled()
    {
        if (State != "cancelling" || Groups.Count > 0)
        {
            return;
        }

        foreach (ModelChunk chunk in Chunks.Values.Where(chunk => chunk.Outcome is null))
        {
            chunk.Outcome = "cancelled";
        }

        State = "cancelled";
    }
}
