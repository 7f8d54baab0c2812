namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>What the process returns. Part of the command line's contract: printed in every help, documented in the README, never renumbered.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>A job failed, was refused or cancelled, is not there or not finished; a check failed; or less was done than was asked for.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a manifest or the configuration is wrong. Nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>The broker, the database or the model cannot be reached.</summary>
    public const int Unreachable = 3;

    /// <summary>A job ended with a part of its results.</summary>
    public const int Partial = 4;

    /// <summary>A defect of this program.</summary>
    public const int Defect = 70;

    /// <summary>Interrupted by a signal (128 + SIGINT).</summary>
    public const int Interrupted = 130;
}
