using Qwen3VL.Conformance;

return ConformanceProgram.Run(args, Console.Out, Console.Error, showProgress: !Console.IsErrorRedirected);
