namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>What the node that <c>rabbitmqctl</c> asks by itself says to a question.</summary>
/// <param name="Ports">AMQP ports that it listens on, with and without TLS.</param>
/// <param name="Value">The answer, an Erlang term.</param>
internal sealed record NodeAnswer(IReadOnlyList<int> Ports, string Value);
