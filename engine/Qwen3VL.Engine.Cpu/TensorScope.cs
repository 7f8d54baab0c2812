using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Cpu;

/// <summary>The tensors of one nesting level. The object is reused whenever its level opens again.</summary>
/// <param name="backend">Owner of the stack of scopes.</param>
/// <param name="enclosing">Scope of the level above, or null.</param>
internal sealed class TensorScope(CpuBackend backend, TensorScope? enclosing) : ITensorScope
{
    private readonly List<CpuTensor> _tensors = [];

    /// <summary>Whether it owns tensors now.</summary>
    internal bool IsOpen { get; private set; }

    /// <inheritdoc/>
    public DeviceTensor Keep(DeviceTensor tensor) => Release(tensor);

    /// <inheritdoc/>
    public DeviceTensor Promote(DeviceTensor tensor)
    {
        CpuTensor released = Release(tensor);
        enclosing?.Add(released);
        return released;
    }

    /// <summary>Closes the scope and frees its tensors.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open.</exception>
    public void Dispose()
    {
        if (!IsOpen)
        {
            return;
        }

        backend.CloseScope(this);
        IsOpen = false;
        foreach (CpuTensor tensor in _tensors)
        {
            tensor.Dispose();
            tensor.Scope = null;
            backend.RecycleTensor(tensor);
        }

        _tensors.Clear();
    }

    /// <summary>Starts owning tensors.</summary>
    internal void Open() => IsOpen = true;

    /// <summary>Takes over a tensor.</summary>
    internal void Add(CpuTensor tensor)
    {
        tensor.Scope = this;
        _tensors.Add(tensor);
    }

    private CpuTensor Release(DeviceTensor tensor)
    {
        if (tensor is not CpuTensor owned || !ReferenceEquals(owned.Scope, this) || !IsOpen)
        {
            throw new ArgumentException("tensor must belong to this open scope; got one of another owner", nameof(tensor));
        }

        _tensors.Remove(owned);
        owned.Scope = null;
        return owned;
    }
}
