namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>Where an address leads.</summary>
internal enum AddressKind
{
    /// <summary>To a host of the public internet.</summary>
    Public,

    /// <summary>To this machine, or to a host of the network around it. Connected to only where the operator allows it.</summary>
    Private,

    /// <summary>Nowhere that a file may come from: metadata services, link-local, multicast, embedded and reserved addresses. Never connected to.</summary>
    Forbidden,
}
