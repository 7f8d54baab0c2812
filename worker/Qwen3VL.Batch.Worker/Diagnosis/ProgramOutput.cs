using System.ComponentModel;
using System.Diagnostics;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Asks a program on this machine something that it answers in a few lines.</summary>
internal static class ProgramOutput
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What it wrote, stdout or else stderr; null when it cannot be started or takes too long.</summary>
    public static async Task<string?> ReadAsync(string program, IReadOnlyList<string> arguments, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(Patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            process.Start();
            // A few lines on either, so neither can fill a pipe.
            string output = await process.StandardOutput.ReadToEndAsync(either.Token).ConfigureAwait(false);
            string error = await process.StandardError.ReadToEndAsync(either.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            return output.Length > 0 ? output : error;
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }
}
