namespace Qwen3VL.Engine.Backends;

/// <summary>Owns every tensor that kernels return while it is the innermost scope; disposing frees them all. Scopes nest like brackets.</summary>
public interface ITensorScope : IDisposable
{
    /// <summary>Takes a tensor out of the scope: the caller owns it from here.</summary>
    DeviceTensor Keep(DeviceTensor tensor);

    /// <summary>Moves a tensor to the enclosing scope, which frees it later; with no enclosing scope the caller owns it.</summary>
    DeviceTensor Promote(DeviceTensor tensor);
}
