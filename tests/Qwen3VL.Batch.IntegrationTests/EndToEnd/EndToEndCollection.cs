using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>Shares the servers between the classes of end-to-end tests.</summary>
[CollectionDefinition(EndToEndServers.Collection)]
public sealed class EndToEndCollection : ICollectionFixture<EndToEndServers>;
