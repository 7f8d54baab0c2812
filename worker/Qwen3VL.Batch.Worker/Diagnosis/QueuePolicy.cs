using System.Text;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>What policies say of a queue. AMQP does not tell; the node does (<see cref="LocalNode"/>).</summary>
internal static class QueuePolicy
{
    /// <summary>Answer when no policy says anything.</summary>
    public const string None = "none";

    /// <summary>Answer when there is no queue.</summary>
    public const string Missing = "missing";

    /// <summary>The question to the node for the value of a key in the policies that apply to a queue.</summary>
    /// <param name="virtualHost">Where the queue is; any text.</param>
    /// <param name="queue">A name of this product's.</param>
    /// <param name="key">A key of policies.</param>
    public static string Question(string virtualHost, string queue, string key)
    {
        // As bytes: nothing in a name can end the literal.
        string host = string.Join(',', Encoding.UTF8.GetBytes(virtualHost));
        return $"case rabbit_amqqueue:lookup(rabbit_misc:r(<<{host}>>, queue, <<\"{queue}\">>)) of {{ok, Q}} -> "
            + $"case rabbit_policy:effective_definition(Q) of L when is_list(L) -> proplists:get_value(<<\"{key}\">>, L, {None}); "
            + $"M when is_map(M) -> maps:get(<<\"{key}\">>, M, {None}); _ -> {None} end; _ -> {Missing} end";
    }
}
