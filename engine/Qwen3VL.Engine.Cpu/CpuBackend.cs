using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu.Kernels;
using Qwen3VL.Engine.Cpu.Memory;
using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu;

/// <summary>
/// 32-bit floats on the processor. Owns the threads and the memory pool; weights and caches it made must be disposed before it. Used by one
/// thread, the engine's.
/// </summary>
public sealed class CpuBackend : IBackend
{
    private readonly ThreadTeam _team;
    private readonly BufferPool _pool;
    private readonly List<TensorScope> _scopes = [];
    private readonly Stack<CpuTensor> _recycled = [];
    private int _depth;
    private int _liveTensors;
    private long _liveTensorValues;

    /// <summary>Starts the threads and chooses the kernels.</summary>
    /// <exception cref="ArgumentException">The options name a negative number of threads or a level that the machine lacks.</exception>
    public CpuBackend(CpuBackendOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        FeatureLevel = options.FeatureLevel ?? CpuFeatures.Best;
        if (!CpuFeatures.IsSupported(FeatureLevel))
        {
            throw new ArgumentException($"feature level must be one of this machine; got {FeatureLevel}", nameof(options));
        }

        Threads = options.Threads == 0 ? Environment.ProcessorCount : options.Threads;
        _pool = new BufferPool(options.GuardMemory);
        _team = new ThreadTeam(Threads);
        Kernels = new CpuKernels(this, KernelSet.Create(FeatureLevel, _team));
    }

    /// <inheritdoc/>
    public string Name => $"cpu f32 {FeatureLevel switch
    {
        CpuFeatureLevel.Avx512 => "AVX-512",
        CpuFeatureLevel.Avx2 => "AVX2",
        _ => "scalar",
    }} {Threads} {(Threads == 1 ? "thread" : "threads")}";

    /// <summary>Threads that compute.</summary>
    public int Threads { get; }

    /// <summary>Vector level of the kernels.</summary>
    public CpuFeatureLevel FeatureLevel { get; }

    /// <inheritdoc/>
    public IKernels Kernels { get; }

    /// <inheritdoc/>
    public BackendStatistics Statistics => new(_liveTensors, _liveTensorValues * sizeof(float), WeightBytes, KvBytes);

    /// <inheritdoc/>
    public int KvElementBytes => sizeof(float);

    /// <summary>The most bytes that live tensors have taken together.</summary>
    internal long PeakTensorBytes { get; private set; }

    /// <summary>Bytes of live weights; kept by them.</summary>
    internal long WeightBytes { get; set; }

    /// <summary>Bytes of live caches; kept by them.</summary>
    internal long KvBytes { get; set; }

    /// <inheritdoc/>
    public ITensorScope OpenScope()
    {
        if (_depth == _scopes.Count)
        {
            _scopes.Add(new TensorScope(this, _depth == 0 ? null : _scopes[_depth - 1]));
        }

        TensorScope scope = _scopes[_depth++];
        scope.Open();
        return scope;
    }

    /// <inheritdoc/>
    public DeviceTensor Upload(ReadOnlySpan<float> values, int rows, int columns)
    {
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"values must have {rows} x {columns} values; got {values.Length}", nameof(values));
        }

        CpuTensor tensor = NewTensor(rows, columns);
        NativeSpan.Copy(values, tensor);
        return tensor;
    }

    /// <inheritdoc/>
    public void Download(DeviceTensor tensor, Span<float> destination)
    {
        CpuTensor source = Own(tensor);
        if (destination.Length != source.Length)
        {
            throw new ArgumentException($"destination must have {source.Rows} x {source.Columns} values; got {destination.Length}", nameof(destination));
        }

        NativeSpan.Copy(source, destination);
    }

    /// <inheritdoc/>
    public Weight CreateWeight(string name, ReadOnlySpan<float> values, int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        if (values.Length != (long)rows * columns)
        {
            throw new ArgumentException($"values of {name} must be {rows} x {columns}; got {values.Length}", nameof(values));
        }

        var weight = new CpuWeight(this, new WeightDescription(name, rows, columns, WeightType.F32));
        try
        {
            weight.SetRows(0, MemoryMarshal.AsBytes(values));
            return weight;
        }
        catch
        {
            weight.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Weight CreateWeight(WeightDescription description, WeightRowReader read)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(read);
        description.Check();
        StoredWeight stored = new(description, read);
        if (description.Rows == 1 || !CpuWeight.Holds(description))
        {
            stored = WeightConversion.ToFloat32(stored);
        }

        var weight = new CpuWeight(this, stored.Description);
        try
        {
            new WeightFiller(weight, stored.Description, stored.Read).Run(_team);
            return weight;
        }
        catch
        {
            weight.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public KvCache CreateKvCache(KvCacheShape shape)
    {
        if (shape.Layers < 1 || shape.Blocks < 1 || shape.KvHeads < 1 || shape.HeadDim < 1)
        {
            throw new ArgumentException($"shape must have positive sizes; got {shape}", nameof(shape));
        }

        return new CpuKvCache(this, shape);
    }

    /// <inheritdoc/>
    public long KvBytesPerToken(KvCacheShape shape) =>
        checked(2L * shape.Layers * shape.KvHeads * KvLayout.PaddedHeadDim(shape.HeadDim) * sizeof(float));

    /// <summary>Ends the threads and frees the pool.</summary>
    public void Dispose()
    {
        _team.Dispose();
        _pool.Dispose();
    }

    /// <summary>A new uninitialised tensor of the innermost scope.</summary>
    /// <exception cref="InvalidOperationException">No scope is open.</exception>
    internal CpuTensor NewTensor(int rows, int columns)
    {
        if (_depth == 0)
        {
            throw new InvalidOperationException("a tensor must be made inside an open scope; got none");
        }

        CpuTensor tensor = _recycled.TryPop(out CpuTensor? recycled) ? recycled : new CpuTensor(this);
        long length = (long)rows * columns;
        tensor.Attach(_pool.Rent(length), rows, columns);
        _liveTensors++;
        _liveTensorValues += length;
        PeakTensorBytes = Math.Max(PeakTensorBytes, _liveTensorValues * sizeof(float));
        _scopes[_depth - 1].Add(tensor);
        return tensor;
    }

    /// <summary>Scratch memory for the time of one kernel; give it back with <see cref="ReturnScratch"/>.</summary>
    internal NativeBuffer RentScratch(long length) => _pool.Rent(length);

    /// <summary>Takes scratch memory back.</summary>
    internal void ReturnScratch(NativeBuffer buffer) => _pool.Return(buffer);

    /// <summary>Takes the memory of a disposed tensor back.</summary>
    internal void ReturnTensorBuffer(NativeBuffer buffer, long length)
    {
        _liveTensors--;
        _liveTensorValues -= length;
        _pool.Return(buffer);
    }

    /// <summary>Takes a disposed tensor object for reuse. Nobody may hold it.</summary>
    internal void RecycleTensor(CpuTensor tensor) => _recycled.Push(tensor);

    /// <summary>Closes the innermost scope.</summary>
    internal void CloseScope(TensorScope scope)
    {
        if (_depth == 0 || !ReferenceEquals(_scopes[_depth - 1], scope))
        {
            throw new InvalidOperationException($"scopes must close innermost first; got another one at depth {_depth}");
        }

        _depth--;
    }

    /// <summary>The tensor as one of this backend.</summary>
    internal CpuTensor Own(DeviceTensor tensor) =>
        tensor is CpuTensor own && own.BelongsTo(this)
            ? own
            : throw new ArgumentException("tensor must belong to this backend; got one of another", nameof(tensor));
}
