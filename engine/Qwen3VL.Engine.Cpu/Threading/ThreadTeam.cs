namespace Qwen3VL.Engine.Cpu.Threading;

/// <summary>
/// A fixed team of threads that runs one body over numbered parts and waits for all of them. Members spin for a moment between two runs,
/// because kernels follow each other within microseconds, then park. The caller is member 0. Used by one thread at a time.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    // About the gap between two kernels of a step; measured 20 to 60 microseconds with scheduling in between.
    private const long SpinMicroseconds = 60;

    private readonly Member[] _members;
    private readonly long _spinTicks = SpinMicroseconds * System.Diagnostics.Stopwatch.Frequency / 1_000_000;
    private delegate*<void*, int, int, void> _body;
    private void* _arguments;
    private int _generation;
    private int _pending;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">Members, the caller included; at least 1.</param>
    internal ThreadTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Count = threads;
        _members = new Member[threads - 1];
        for (int i = 0; i < _members.Length; i++)
        {
            int part = i + 1;
            var member = new Member();
            _members[i] = member;
            member.Thread = new Thread(() => Loop(member, part)) { IsBackground = true, Name = $"cpu-kernel-{part}" };
            member.Thread.Start();
        }
    }

    /// <summary>Members, the caller included.</summary>
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
        _pending = _members.Length;
        Interlocked.Increment(ref _generation);
        foreach (Member member in _members)
        {
            if (Volatile.Read(ref member.IsParked))
            {
                member.Wake.Set();
            }
        }

        body(arguments, 0, Count);
        var spin = default(SpinWait);
        while (Volatile.Read(ref _pending) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Ends the threads. No run may be in progress.</summary>
    public void Dispose()
    {
        _stopping = true;
        Interlocked.Increment(ref _generation);
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

    private void Loop(Member member, int part)
    {
        int seen = 0;
        while (true)
        {
            WaitForNext(member, seen);
            seen++;
            if (_stopping)
            {
                return;
            }

            _body(_arguments, part, Count);
            Interlocked.Decrement(ref _pending);
        }
    }

    private void WaitForNext(Member member, int seen)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _generation) == seen)
        {
            if (System.Diagnostics.Stopwatch.GetTimestamp() - start < _spinTicks)
            {
                Thread.SpinWait(8);
                continue;
            }

            // Parked is published before the generation is read again: either the caller sees it and wakes, or this thread sees the run.
            Volatile.Write(ref member.IsParked, true);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _generation) == seen)
            {
                member.Wake.WaitOne();
            }

            Volatile.Write(ref member.IsParked, false);
        }
    }

    private sealed class Member : IDisposable
    {
        internal readonly AutoResetEvent Wake = new(false);
        internal Thread? Thread;
        internal bool IsParked;

        public void Dispose() => Wake.Dispose();
    }
}
