using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

/// <summary>A queue in the order of the ledger's keys, on a clock that the test moves, with random tenants, jobs and speeds.</summary>
public sealed class TenantFairnessTests
{
    private sealed record Waiting(long Tenant, int Priority, double ArrivedAt, double Key);

    [Fact]
    [Trait(FuzzRun.Category, FuzzRun.Fuzz)]
    public void Queue_RandomLoad_NobodyWhoComesAfterAKeyPassesIt() => FuzzRun.Repeat(random =>
    {
        List<Waiting> queue = [];
        double now = 0;
        double secondsPerGroup = 1 + (random.NextDouble() * 120);
        for (int step = 0; step < 300; step++)
        {
            now += secondsPerGroup;
            if (random.Next(3) == 0)
            {
                Submit(queue, random.Next(4), random.Next(10), groups: 1 + random.Next(random.Next(10) == 0 ? 400 : 5), now);
            }

            if (queue.Count == 0)
            {
                continue;
            }

            Waiting taken = Take(queue);

            // Ageing: whoever is passed over came with a later key, so nothing that arrived after a key was due is before it.
            queue.ShouldAllBe(left => left.Key >= taken.Key);
            queue.Where(left => left.Key < taken.ArrivedAt).ShouldBeEmpty();
        }
    });

    [Fact]
    [Trait(FuzzRun.Category, FuzzRun.Fuzz)]
    public void Queue_ConstantUrgentLoadOfAnother_PatientJobWaitsForItsSlackAndNoLonger() => FuzzRun.Repeat(random =>
    {
        List<Waiting> queue = [];
        int priority = random.Next(10);
        Submit(queue, tenant: 1, priority, groups: 1, now: 0);
        double now = 0;
        int passedBy = 0;
        double secondsPerGroup = 30 + (random.NextDouble() * 120);
        while (true)
        {
            // One more arrives than is taken, always the most urgent.
            Submit(queue, tenant: 2 + random.Next(1_000), priority: 9, groups: 2, now);
            Waiting taken = Take(queue);
            if (taken.Tenant == 1)
            {
                break;
            }

            passedBy++;
            now += secondsPerGroup;
        }

        // At most what arrived until its slack was over, two at a time: nothing that came later.
        int arrived = 2 * ((int)(PrioritySlack.Seconds(priority) / secondsPerGroup) + 1);
        passedBy.ShouldBeLessThanOrEqualTo(arrived);
    });

    [Fact]
    public void Queue_TenThousandGroupsAgainstTen_TheTenWaitForAboutTheirOwnNumber()
    {
        List<Waiting> queue = [];
        Submit(queue, tenant: 1, priority: 5, groups: 10_000, now: 0);
        Submit(queue, tenant: 2, priority: 5, groups: 10, now: 1);

        int left = 10;
        int taken = 0;
        while (left > 0)
        {
            taken++;
            left -= Take(queue).Tenant == 2 ? 1 : 0;
        }

        taken.ShouldBeLessThanOrEqualTo(21);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 30)]
    [InlineData(720, 21_600)]
    [InlineData(100_000, 21_600)]
    public void JobDelay_OpenGroups_GrowsToTheCap(int openGroups, double seconds) => TenantFairness.JobDelay(openGroups).ShouldBe(seconds);

    [Fact]
    public void GroupDelay_LaterStage_IsNone() =>
        (TenantFairness.GroupDelay(3, isFirstStage: true), TenantFairness.GroupDelay(3, isFirstStage: false)).ShouldBe((90, 0));

    private static void Submit(List<Waiting> queue, long tenant, int priority, int groups, double now)
    {
        int open = queue.Count(other => other.Tenant == tenant && other.Priority >= priority);
        double planning = now + PrioritySlack.Seconds(priority) + TenantFairness.JobDelay(open);
        queue.AddRange(Enumerable.Range(0, groups)
            .Select(index => new Waiting(tenant, priority, now, planning + TenantFairness.GroupDelay(index, isFirstStage: true))));
    }

    private static Waiting Take(List<Waiting> queue)
    {
        Waiting first = queue.MinBy(group => group.Key) ?? throw new InvalidOperationException("the queue must hold a group; got none");
        _ = queue.Remove(first);
        return first;
    }
}
