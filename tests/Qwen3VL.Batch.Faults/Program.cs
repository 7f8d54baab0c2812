using Qwen3VL.Batch.Faults.Runs;

return await FaultsProgram.RunAsync(args, Console.Out, Console.Error);
