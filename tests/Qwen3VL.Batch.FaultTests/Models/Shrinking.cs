namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>Makes a failing list of steps shorter: what comes after the failure goes, then ever smaller parts of the rest, as long as it still fails.</summary>
internal static class Shrinking
{
    /// <summary>A shorter list that fails, and how.</summary>
    /// <param name="steps">A list that fails.</param>
    /// <param name="first">Its failure.</param>
    /// <param name="tryAsync">Tries a list on a fresh ledger; null when it passes.</param>
    /// <param name="tries">Lists tried at most.</param>
    public static async Task<(IReadOnlyList<LedgerStep> Steps, ModelMismatchException Failure)> ShrinkAsync(
        IReadOnlyList<LedgerStep> steps, ModelMismatchException first, Func<IReadOnlyList<LedgerStep>, Task<ModelMismatchException?>> tryAsync, int tries)
    {
        LedgerStep[] best = [.. steps.Take(first.Step + 1)];
        ModelMismatchException failure = first;
        for (int size = Math.Max(1, best.Length / 2); size >= 1 && tries > 0; size = size == 1 ? 0 : size / 2)
        {
            for (int at = 0; at + size <= best.Length && best.Length > size && tries > 0; tries--)
            {
                LedgerStep[] shorter = [.. best[..at], .. best[(at + size)..]];
                if (await tryAsync(shorter) is { } again)
                {
                    best = [.. shorter.Take(again.Step + 1)];
                    failure = again;
                }
                else
                {
                    at += size;
                }
            }
        }

        return (best, failure);
    }
}
