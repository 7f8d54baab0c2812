namespace Qwen3VL.Engine.Execution;

/// <summary>What the door asks of the engine thread.</summary>
internal enum EngineCommandKind
{
    /// <summary>Take a request.</summary>
    Submit,

    /// <summary>End a request.</summary>
    Abort,

    /// <summary>End everything and return.</summary>
    Stop,
}
