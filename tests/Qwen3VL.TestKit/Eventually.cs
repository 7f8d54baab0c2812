using System.Diagnostics;

namespace Qwen3VL.TestKit;

/// <summary>Waits for a state of the world outside the test process (a database row, a broker's queue) that has no event to await.</summary>
public static class Eventually
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks again and again until <paramref name="holds"/>, and returns what was seen then.</summary>
    /// <exception cref="TimeoutException">It did not hold in time; the message has what was seen last.</exception>
    public static async Task<T> SeeAsync<T>(Func<Task<T>> look, Func<T, bool> holds, TimeSpan limit, string what)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            T seen = await look();
            if (holds(seen))
            {
                return seen;
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"{what} must come true within {limit}; saw last: {seen}");
            }

            await Task.Delay(Poll, TimeProvider.System);
        }
    }

    /// <summary>Looks again and again until it is true.</summary>
    public static Task TrueAsync(Func<Task<bool>> look, TimeSpan limit, string what) => SeeAsync(look, seen => seen, limit, what);
}
