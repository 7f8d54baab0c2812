namespace Qwen3VL.Batch.Pipeline;

/// <summary>Who does quarantined groups.</summary>
internal enum QuarantineMode
{
    /// <summary>A process that the worker starts when there are some, and that ends when there are none.</summary>
    Child,

    /// <summary>Not this worker: others run with <c>--lanes quarantine</c>, or the groups wait.</summary>
    Off,
}
