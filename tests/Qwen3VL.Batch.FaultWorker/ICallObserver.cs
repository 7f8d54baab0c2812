namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Sees the calls of one interface, before and after; what it throws, the caller gets.</summary>
public interface ICallObserver
{
    /// <summary>A call is about to be made; arguments that are exchanged here are passed on so.</summary>
    Task BeforeAsync(string method, object?[] arguments);

    /// <summary>A call returned.</summary>
    Task AfterAsync(string method, object?[] arguments, object? result);

    /// <summary>A call threw; its caller gets the exception.</summary>
    void Threw(string method, object?[] arguments, Exception exception)
    {
    }
}
