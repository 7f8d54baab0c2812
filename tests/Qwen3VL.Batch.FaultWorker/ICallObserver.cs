namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of one interface, before and after; what it throws, the caller gets.</summary>
public interface ICallObserver
{
    /// <summary>A call is about to be made.</summary>
    Task BeforeAsync(string method, object?[] arguments);

    /// <summary>A call returned; one that throws is not told of.</summary>
    Task AfterAsync(string method, object?[] arguments, object? result);
}
