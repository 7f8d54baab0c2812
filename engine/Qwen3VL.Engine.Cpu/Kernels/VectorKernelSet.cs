using Qwen3VL.Engine.Cpu.Threading;

namespace Qwen3VL.Engine.Cpu.Kernels;

/// <summary>The kernels compiled for one vector width.</summary>
/// <param name="team">Threads; borrowed.</param>
internal sealed unsafe class VectorKernelSet<TSimd, V>(ThreadTeam team) : KernelSet
    where TSimd : struct, ISimd<V>
    where V : struct
{
    /// <inheritdoc/>
    internal override int Threads => team.Count;

    /// <inheritdoc/>
    internal override void Gemm(GemmArguments arguments) => GemmKernel<TSimd, V>.Run(team, arguments);

    /// <inheritdoc/>
    internal override void RmsNorm(float* x, float* weight, float* destination, (long Groups, int Size) shape, float epsilon) =>
        NormKernel<TSimd, V>.Rms(team, x, weight, destination, shape, epsilon);

    /// <inheritdoc/>
    internal override void LayerNorm(
        float* x, (nint Weight, nint Bias) parameters, float* destination, (long Groups, int Size) shape, float epsilon) =>
        NormKernel<TSimd, V>.Layer(team, x, parameters, destination, shape, epsilon);

    /// <inheritdoc/>
    internal override void SiluMul(float* gate, float* up, float* destination, long length) =>
        ElementwiseKernel<TSimd, V, SiluMulOperation<TSimd, V>>.Run(team, gate, up, destination, length);

    /// <inheritdoc/>
    internal override void GeluTanh(float* x, float* destination, long length) =>
        ElementwiseKernel<TSimd, V, GeluTanhOperation<TSimd, V>>.Run(team, x, x, destination, length);

    /// <inheritdoc/>
    internal override void GeluErf(float* x, float* destination, long length) =>
        ElementwiseKernel<TSimd, V, GeluErfOperation<TSimd, V>>.Run(team, x, x, destination, length);

    /// <inheritdoc/>
    internal override void Add(float* a, float* b, float* destination, long length) =>
        ElementwiseKernel<TSimd, V, AddOperation<TSimd, V>>.Run(team, a, b, destination, length);

    /// <inheritdoc/>
    internal override void Rotate(RotateArguments arguments) => RotateKernel<TSimd, V>.Run(team, arguments);

    /// <inheritdoc/>
    internal override void WriteKv(KvPackingArguments arguments) => KvPacking.Write(team, arguments);

    /// <inheritdoc/>
    internal override void Attention(AttentionArguments arguments, long products) => AttentionKernel<TSimd, V>.Run(team, arguments, products);

    /// <inheritdoc/>
    internal override long AttentionScratchLength(int headDim, int groups) => AttentionKernel<TSimd, V>.ScratchLength(headDim, groups);
}
