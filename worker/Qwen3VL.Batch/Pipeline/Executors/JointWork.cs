namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>Runs work that stands or falls together.</summary>
internal static class JointWork
{
    /// <summary>
    /// Starts <paramref name="work"/> for every input and waits for all of it. The first failure cancels the rest; nothing is left running when
    /// this returns or throws. Results are in the order of the inputs.
    /// </summary>
    /// <param name="inputs">What to work on.</param>
    /// <param name="maxConcurrent">Most pieces that run at the same time.</param>
    /// <param name="work">The work; must stop when its token fires.</param>
    /// <param name="cancellationToken">Cancels all of it.</param>
    public static async Task<IReadOnlyList<TResult>> RunAsync<TInput, TResult>(
        IReadOnlyList<TInput> inputs,
        int maxConcurrent,
        Func<TInput, CancellationToken, Task<TResult>> work,
        CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(maxConcurrent);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new List<Task<TResult>>(inputs.Count);
        foreach (TInput input in inputs)
        {
            running.Add(RunOneAsync(input));
        }

        // When some failed and the rest was cancelled for that, WhenAll throws the failure.
        TResult[] results = await Task.WhenAll(running).ConfigureAwait(false);
        return results;

        async Task<TResult> RunOneAsync(TInput input)
        {
            await places.WaitAsync(stop.Token).ConfigureAwait(false);
            try
            {
                return await work(input, stop.Token).ConfigureAwait(false);
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
            finally
            {
                places.Release();
            }
        }
    }
}
