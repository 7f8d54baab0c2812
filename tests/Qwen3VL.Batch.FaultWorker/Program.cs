using Qwen3VL.Batch.FaultWorker;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.Batch.Worker.Composition;

// Everything but the fault suite's own variables comes as for the product: QWEN3VL_Section__Key.
using StopSignals signals = new();
using var composition = FaultComposition.FromEnvironment(TimeProvider.System);
var settings = new Dictionary<string, string?>();
return await (args.Contains(QuarantineProcess.SupervisedOption)
    ? WorkerHost.RunSupervisedAsync(settings, composition.Parts, signals.Token)
    : WorkerHost.RunAsync(settings, composition.Parts, signals.Token));
