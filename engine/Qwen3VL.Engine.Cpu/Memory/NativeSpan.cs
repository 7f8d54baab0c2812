namespace Qwen3VL.Engine.Cpu.Memory;

/// <summary>Copies between spans and tensors; lengths are checked by the caller.</summary>
internal static unsafe class NativeSpan
{
    /// <summary>Host to tensor.</summary>
    internal static void Copy(ReadOnlySpan<float> source, CpuTensor destination) =>
        source.CopyTo(new Span<float>(destination.Data, source.Length));

    /// <summary>Tensor to host.</summary>
    internal static void Copy(CpuTensor source, Span<float> destination) =>
        new ReadOnlySpan<float>(source.Data, destination.Length).CopyTo(destination);
}
