using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Storage;

/// <summary>Tells whether two commands with one key ask for the same.</summary>
internal static class RequestHash
{
    // A command that is refused may be anything: nulls and NaN must hash too.
    private static readonly JsonSerializerOptions Lenient = new(ContractJson.Options)
    {
        RespectNullableAnnotations = false,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>What stands for the body of a command of which only tenant and key could be read.</summary>
    public static SubmitJob Unread(long tenantId, string idempotencyKey) => new()
    {
        TenantId = tenantId,
        IdempotencyKey = idempotencyKey,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = "" },
        Tasks = [],
    };

    /// <summary>The hash of <see cref="Unread"/>: no command that passes validation has it, for a source is never empty.</summary>
    public static byte[] OfUnread(long tenantId, string idempotencyKey) => Of(Unread(tenantId, idempotencyKey));

    /// <summary>SHA-256 of the contract JSON without the time of sending; equal instants in different time zones are equal. 32 bytes.</summary>
    public static byte[] Of(SubmitJob command)
    {
        SubmitJob canonical = command with { OccurredAt = default, DeadlineAt = command.DeadlineAt?.ToUniversalTime() };
        return SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(canonical, Lenient));
    }
}
