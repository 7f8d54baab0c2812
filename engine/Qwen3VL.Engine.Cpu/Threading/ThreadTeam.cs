using System.Diagnostics;

namespace Qwen3VL.Engine.Cpu.Threading;

/// <summary>
/// A fixed team of threads that runs one body over numbered parts and waits for all of them. What a part is never changes; who runs it is
/// decided by who comes first, so on a busy machine the caller does the parts of a member that the system has not scheduled instead of
/// waiting for it. Members spin for a moment between two runs, because kernels follow each other within microseconds, then park. Used by one
/// thread at a time.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    // About the gap between two kernels of a step; measured 20 to 60 microseconds with scheduling in between.
    private const long SpinMicroseconds = 60;

    private readonly Member[] _members;
    private readonly long _spinTicks = SpinMicroseconds * Stopwatch.Frequency / 1_000_000;
    private delegate*<void*, int, int, void> _body;
    private void* _arguments;

    // Number of the run in the upper half, next free part in the lower: a part is claimed by one compare-and-swap of both, so a member that
    // wakes up late claims a part of the present run or nothing. The run cannot end while a claimed part is open, which keeps body and
    // arguments valid for whoever has claimed one.
    private long _state;
    private int _openParts;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">Members, the caller included; at least 1.</param>
    internal ThreadTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Count = threads;
        _state = threads;
        _members = new Member[threads - 1];
        for (int i = 0; i < _members.Length; i++)
        {
            var member = new Member();
            _members[i] = member;
            member.Thread = new Thread(() => Loop(member)) { IsBackground = true, Name = $"cpu-kernel-{i + 1}" };
            member.Thread.Start();
        }
    }

    /// <summary>Members, the caller included; also the number of parts.</summary>
    internal int Count { get; }

    /// <summary>
    /// Runs <c>body(arguments, part, Count)</c> for every part and returns when all have ended. The body must not throw. Arguments may lie on
    /// the caller's stack.
    /// </summary>
    internal void Run(delegate*<void*, int, int, void> body, void* arguments)
    {
        if (_members.Length == 0)
        {
            body(arguments, 0, 1);
            return;
        }

        _body = body;
        _arguments = arguments;
        _openParts = Count;
        Interlocked.Exchange(ref _state, ((_state >> 32) + 1) << 32);
        foreach (Member member in _members)
        {
            if (Volatile.Read(ref member.IsParked) != 0 && Interlocked.Exchange(ref member.IsParked, 0) != 0)
            {
                member.Wake.Set();
            }
        }

        while (TryRunPart())
        {
        }

        var spin = default(SpinWait);
        while (Volatile.Read(ref _openParts) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Ends the threads. No run may be in progress.</summary>
    public void Dispose()
    {
        _stopping = true;
        foreach (Member member in _members)
        {
            member.Wake.Set();
        }

        foreach (Member member in _members)
        {
            member.Thread?.Join();
            member.Dispose();
        }
    }

    private bool HasPart => (int)Volatile.Read(ref _state) < Count;

    private bool TryRunPart()
    {
        while (true)
        {
            long state = Volatile.Read(ref _state);
            int part = (int)state;
            if (part >= Count)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
            {
                _body(_arguments, part, Count);
                Interlocked.Decrement(ref _openParts);
                return true;
            }
        }
    }

    private void Loop(Member member)
    {
        while (!_stopping)
        {
            if (!TryRunPart())
            {
                WaitForPart(member);
            }
        }
    }

    private void WaitForPart(Member member)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasPart && !_stopping)
        {
            if (Stopwatch.GetTimestamp() - start < _spinTicks)
            {
                Thread.SpinWait(8);
                continue;
            }

            // Parked is published before the state is read again: either the caller sees it and wakes, or this thread sees the run.
            Interlocked.Exchange(ref member.IsParked, 1);
            if (!HasPart && !_stopping)
            {
                member.Wake.WaitOne();
            }

            Interlocked.Exchange(ref member.IsParked, 0);
        }
    }

    private sealed class Member : IDisposable
    {
        internal readonly AutoResetEvent Wake = new(false);
        internal Thread? Thread;
        internal int IsParked;

        public void Dispose() => Wake.Dispose();
    }
}
