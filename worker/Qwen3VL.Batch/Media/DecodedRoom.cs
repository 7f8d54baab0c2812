namespace Qwen3VL.Batch.Media;

/// <summary>Room of <see cref="DecodedMemory"/> that somebody holds. Disposing gives it back, once. Thread-safe.</summary>
/// <param name="giveBack">Gives it back.</param>
internal sealed class DecodedRoom(Action giveBack) : IDisposable
{
    private Action? _giveBack = giveBack;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
