using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Output;

using StopSignals signals = new();
return await new BatchCommandLine(Terminal.ForProcess(), TimeProvider.System, new ProcessConnections(TimeProvider.System)).RunAsync(args, signals.Token).ConfigureAwait(false);
