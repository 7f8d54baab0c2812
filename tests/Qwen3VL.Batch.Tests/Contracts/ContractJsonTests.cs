using System.Text.Json;
using System.Text.Json.Nodes;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Contracts;

public sealed class ContractJsonTests
{
    private static readonly JsonSerializerOptions Indented = new(ContractJson.Options) { WriteIndented = true };

    public static TheoryData<string> Files =>
    [
        .. Directory.GetFiles(Goldens.Path("contracts"), "*.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_ReadAndWritten_IsTheSameText(string file)
    {
        string golden = ReadText(file);

        object message = JsonSerializer.Deserialize(golden, TypeOf(file), ContractJson.Options).ShouldNotBeNull();

        (JsonSerializer.Serialize(message, message.GetType(), Indented) + "\n").ShouldBe(golden);
    }

    [Fact]
    public void Goldens_EveryMessageOfTheContracts_HasOne()
    {
        IEnumerable<string> messages = typeof(SubmitJob).Assembly.GetExportedTypes()
            .Where(type => type.GetProperty(nameof(SubmitJob.SchemaVersion)) is not null).Select(type => type.Name);

        messages.ShouldBe(Directory.GetFiles(Goldens.Path("contracts")).Select(path => Path.GetFileName(path).Split('.')[0]).Distinct(), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Golden_WithUnknownFields_ReadsTheSame(string file)
    {
        JsonObject extended = Parse(file);
        extended["addedLater"] = new JsonObject { ["x"] = 1 };

        object? message = extended.Deserialize(TypeOf(file), ContractJson.Options);

        (JsonSerializer.Serialize(message, TypeOf(file), Indented) + "\n").ShouldBe(ReadText(file));
    }

    [Theory]
    [InlineData("SubmitJob", "idempotencyKey")]
    [InlineData("SubmitJob", "kind")]
    [InlineData("SubmitJob", "source")]
    [InlineData("SubmitJob", "tasks")]
    [InlineData("CancelJob", "jobId")]
    [InlineData("SetJobPriority", "jobId")]
    [InlineData("ReplayDeadLetters", "replayId")]
    [InlineData("ReplayDeadLetters", "requestedBy")]
    [InlineData("JobAccepted", "jobId")]
    [InlineData("JobRejected", "error")]
    [InlineData("JobProgress", "totalChunks")]
    [InlineData("JobSucceeded", "doneChunks")]
    [InlineData("JobPartial", "error")]
    [InlineData("JobFailed", "error")]
    [InlineData("JobCancelled", "failedChunks")]
    [InlineData("ChunkDeadLettered", "code")]
    public void RequiredField_MissingOrNull_IsNamedInTheError(string file, string field)
    {
        JsonObject without = Parse(file);
        without.Remove(field).ShouldBeTrue();
        JsonObject withNull = Parse(file);
        withNull[field] = null;

        Should.Throw<JsonException>(() => without.Deserialize(TypeOf(file), ContractJson.Options)).Message.ShouldContain(field);
        Should.Throw<JsonException>(() => withNull.Deserialize(TypeOf(file), ContractJson.Options)).Message.ShouldContain(field);
    }

    [Theory]
    [InlineData("\"folder\"")]
    [InlineData("1")]
    [InlineData("\"99\"")]
    public void Enum_UnknownWordOrNumber_IsRefused(string word)
    {
        JsonObject command = Parse("SubmitJob");
        command["kind"] = JsonNode.Parse(word);

        Should.Throw<JsonException>(() => command.Deserialize<SubmitJob>(ContractJson.Options)).Message.ShouldContain("kind");
    }

    [Fact]
    public void SubmitJob_OnlyRequiredFields_GetsTheDefaults()
    {
        JsonObject command = Parse("SubmitJob.minimal");
        foreach (string optional in (string[])["schemaVersion", "tenantId", "occurredAt", "options", "priority"])
        {
            command.Remove(optional).ShouldBeTrue();
        }

        SubmitJob read = command.Deserialize<SubmitJob>(ContractJson.Options).ShouldNotBeNull();

        (read.SchemaVersion, read.Priority, read.Options, read.DeadlineAt).ShouldBe((1, 5, new JobOptions(), null));
    }

    private static string ReadText(string file) => File.ReadAllText(Goldens.Path("contracts", file + ".json"));

    private static JsonObject Parse(string file) => JsonNode.Parse(ReadText(file)).ShouldNotBeNull().AsObject();

    private static Type TypeOf(string file) =>
        typeof(SubmitJob).Assembly.GetType($"{typeof(SubmitJob).Namespace}.{file.Split('.')[0]}", throwOnError: true).ShouldNotBeNull();
}
