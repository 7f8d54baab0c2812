using System.Reflection;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>
/// Stands before an implementation of an interface of the product and lets an observer see its calls. Made at run time, so that a method that
/// the product adds needs no line here.
/// </summary>
public class CallTap : DispatchProxy
{
    private static readonly MethodInfo ObserveResult =
        typeof(CallTap).GetMethod(nameof(ObserveResultAsync), BindingFlags.Instance | BindingFlags.NonPublic) ?? throw new MissingMethodException(nameof(ObserveResultAsync));

    private object? _inner;
    private ICallObserver? _observer;

    /// <summary>Puts an observer before <paramref name="inner"/>.</summary>
    public static T Wrap<T>(T inner, ICallObserver observer)
        where T : class
    {
        T wrapped = Create<T, CallTap>();
        CallTap tap = (CallTap)(object)wrapped;
        tap._inner = inner;
        tap._observer = observer;
        return wrapped;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        ArgumentNullException.ThrowIfNull(targetMethod);
        object?[] arguments = args ?? [];
        Type result = targetMethod.ReturnType;
        if (result == typeof(Task))
        {
            return ObserveAsync(targetMethod, arguments);
        }

        return result.IsGenericType && result.GetGenericTypeDefinition() == typeof(Task<>)
            ? ObserveResult.MakeGenericMethod(result.GetGenericArguments()[0]).Invoke(this, [targetMethod, arguments])
            : Call(targetMethod, arguments);
    }

    private async Task ObserveAsync(MethodInfo method, object?[] arguments)
    {
        await Observer.BeforeAsync(method.Name, arguments);
        try
        {
            await (Task)Call(method, arguments)!; // a method that returns Task returns one
        }
        catch (Exception exception)
        {
            Observer.Threw(method.Name, arguments, exception);
            throw;
        }

        await Observer.AfterAsync(method.Name, arguments, null);
    }

    private async Task<T> ObserveResultAsync<T>(MethodInfo method, object?[] arguments)
    {
        await Observer.BeforeAsync(method.Name, arguments);
        T result;
        try
        {
            result = await (Task<T>)Call(method, arguments)!; // a method that returns Task returns one
        }
        catch (Exception exception)
        {
            Observer.Threw(method.Name, arguments, exception);
            throw;
        }

        await Observer.AfterAsync(method.Name, arguments, result);
        return result;
    }

    private ICallObserver Observer => _observer ?? throw new InvalidOperationException("a tap must be made by Wrap");

    private object? Call(MethodInfo method, object?[] arguments) =>
        method.Invoke(_inner, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
}
