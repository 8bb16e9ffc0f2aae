using System.Net;
using System.Net.Sockets;

namespace Alter.Egress;

/// <summary>Tells the addresses of the public internet from all others. What the tables do not know as global unicast is not public.</summary>
public static class PublicAddress
{
    // RFC 6890 and the IANA IPv4 special-purpose registry. Blocks that are reachable but serve no API (AS112, AMT, 6to4 relays) are here too.
    private static readonly IPNetwork[] SpecialV4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this network
        IPNetwork.Parse("10.0.0.0/8"), // RFC 1918
        IPNetwork.Parse("100.64.0.0/10"), // shared address space (RFC 6598), inside many clouds
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's wire server: public by number, answers inside the platform only
        IPNetwork.Parse("169.254.0.0/16"), // link-local, among it the metadata service of every cloud
        IPNetwork.Parse("172.16.0.0/12"), // RFC 1918
        IPNetwork.Parse("192.0.0.0/24"), // IETF protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.31.196.0/24"), // AS112
        IPNetwork.Parse("192.52.193.0/24"), // AMT
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays (RFC 7526)
        IPNetwork.Parse("192.168.0.0/16"), // RFC 1918
        IPNetwork.Parse("192.175.48.0/24"), // AS112
        IPNetwork.Parse("198.18.0.0/15"), // benchmarking
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/4"), // multicast
        IPNetwork.Parse("240.0.0.0/4"), // reserved, and the broadcast address
    ];

    // RFC 4291 §2.4: global unicast as IANA hands it out lies in 2000::/3; private, link-local and multicast lie outside.
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] SpecialV6 =
    [
        IPNetwork.Parse("2001::/23"), // IETF protocol assignments: Teredo (its IPv4 part is chosen by a third party), benchmarking, ORCHID
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2620:4f:8000::/48"), // AS112
        IPNetwork.Parse("3ffe::/16"), // the former 6bone
        IPNetwork.Parse("3fff::/20"), // documentation (RFC 9637)
    ];

    private static readonly IPNetwork V4Compatible = IPNetwork.Parse("::/96");
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>True only for global unicast, where an IPv4 address inside an IPv6 one is judged as what it is.</summary>
    public static bool IsPublic(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        if (address.AddressFamily is AddressFamily.InterNetworkV6)
        {
            if (Embedded(address) is not { } embedded)
            {
                return GlobalV6.Contains(address) && !SpecialV6.Any(network => network.Contains(address));
            }

            address = embedded;
        }

        return address.AddressFamily is AddressFamily.InterNetwork && !SpecialV4.Any(network => network.Contains(address));
    }

    private static IPAddress? Embedded(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        if (address.IsIPv4MappedToIPv6 || V4Compatible.Contains(address) || Nat64.Contains(address))
        {
            return new IPAddress(bytes.AsSpan(12, 4)); // RFC 4291 §2.5.5, RFC 6052 §2.1: the last 32 bits
        }

        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : null; // RFC 3056 §2: right after 2002
    }
}
