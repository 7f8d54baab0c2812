namespace Qwen3VL.Conformance;

/// <summary>How the program ends.</summary>
internal static class ExitCodes
{
    /// <summary>Every golden passed.</summary>
    public const int Passed = 0;

    /// <summary>At least one golden failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong, or the folder holds no goldens; nothing was run.</summary>
    public const int Usage = 2;
}
