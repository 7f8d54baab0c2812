namespace Qwen3VL.Batch.Storage;

/// <summary>One message to send.</summary>
/// <param name="Id">Becomes the message id: subscribers recognise repeats by it.</param>
/// <param name="MessageType">Name of the contract record, for example <c>JobSucceeded</c>.</param>
/// <param name="Body">JSON of the contract record.</param>
/// <param name="Tries">Sendings so far that the broker surely did not take.</param>
/// <param name="Destination">Exchange.</param>
/// <param name="Headers">JSON object of texts that go with it.</param>
internal sealed record OutboxMessage(Guid Id, string MessageType, string Body, int Tries, string Destination, string Headers);
