using System.Net;
using System.Net.Sockets;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Sorts addresses by the special-purpose registries of IANA (RFC 6890, and the registries' later entries). What no list names is public for IPv4
/// and forbidden for IPv6, whose public hosts all lie in 2000::/3. Pure.
/// </summary>
internal static class AddressRules
{
    // Loopback, the private networks of RFC 1918, and the carriers' shared space of RFC 6598.
    private static readonly IPNetwork[] PrivateIPv4 = Parse("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16");

    // "This host", link-local with the metadata services of most clouds, protocol assignments, documentation, 6to4 relays, benchmarks, multicast,
    // reserved and broadcast.
    private static readonly IPNetwork[] ForbiddenIPv4 = Parse(
        "0.0.0.0/8",
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4");

    // Metadata and host services that clouds put at addresses that look like others': Azure's in public space, Alibaba's in shared space, those of
    // AWS and Google in unique local space.
    private static readonly IPAddress[] Metadata =
    [
        IPAddress.Parse("168.63.129.16"), IPAddress.Parse("100.100.100.200"), IPAddress.Parse("fd00:ec2::254"), IPAddress.Parse("fd20:ce::254"),
    ];

    // Loopback and unique local addresses.
    private static readonly IPNetwork[] PrivateIPv6 = Parse("::1/128", "fc00::/7");

    private static readonly IPNetwork GlobalIPv6 = IPNetwork.Parse("2000::/3");

    // Protocol assignments with Teredo, documentation, and 6to4: Teredo and 6to4 hold an IPv4 address that would escape these rules.
    private static readonly IPNetwork[] ForbiddenIPv6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /// <summary>Sorts an address. An IPv6 address that holds an IPv4 address (mapped, translated, 6to4) is forbidden whatever it holds.</summary>
    public static AddressKind Classify(IPAddress address)
    {
        // IPNetwork compares the IPv4 part of a mapped address with networks of either family, so it must not see one.
        if (address.IsIPv4MappedToIPv6 || Metadata.Contains(address))
        {
            return AddressKind.Forbidden;
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork when IsIn(PrivateIPv4, address) => AddressKind.Private,
            AddressFamily.InterNetwork when !IsIn(ForbiddenIPv4, address) => AddressKind.Public,
            AddressFamily.InterNetworkV6 when IsIn(PrivateIPv6, address) => AddressKind.Private,
            AddressFamily.InterNetworkV6 when GlobalIPv6.Contains(address) && !IsIn(ForbiddenIPv6, address) => AddressKind.Public,
            _ => AddressKind.Forbidden,
        };
    }

    private static bool IsIn(IPNetwork[] networks, IPAddress address) => Array.Exists(networks, network => network.Contains(address));

    private static IPNetwork[] Parse(params string[] networks) => Array.ConvertAll(networks, IPNetwork.Parse);
}
