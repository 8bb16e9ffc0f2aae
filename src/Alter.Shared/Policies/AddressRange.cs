using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Alter.Policies;

/// <summary>A block of addresses in CIDR notation (RFC 4632, RFC 4291), or one address.</summary>
public sealed class AddressRange
{
    private readonly IPAddress network;
    private readonly int length;
    private readonly byte[] bytes;

    private AddressRange(IPAddress network, int length) => (this.network, this.length, bytes) = (network, length, network.GetAddressBytes());

    /// <summary>Reads <c>203.0.113.0/24</c>, <c>2001:db8::/32</c> or a single address; null with the fault in words.</summary>
    public static AddressRange? Parse(string text, out string fault)
    {
        ArgumentNullException.ThrowIfNull(text);
        fault = "It must be an address, or a range such as 203.0.113.0/24 or 2001:db8::/32.";
        var parts = text.Split('/');
        if (parts.Length > 2 || ParseAddress(parts[0]) is not { } address)
        {
            return null;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            fault = "An IPv4 address is written as one: callers are compared as IPv4 however they come.";
            return null;
        }

        var bits = address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (parts.Length == 2
            && !(parts[1].Length is 1 or 2 or 3 && (parts[1] == "0" || parts[1][0] != '0') && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out length) && length <= bits))
        {
            return null;
        }

        var range = new AddressRange(address, length);
        if (range.HasBitsBehindItsLength())
        {
            fault = "It has bits set behind its length: is another address or length meant?";
            return null;
        }

        return range;
    }

    /// <summary>An address as it is usually written, IPv6 without brackets and zone; null for anything else, 127.1 and 0x7f000001 among it.</summary>
    public static IPAddress? ParseAddress(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length is > 0 and <= 45
            && text.All(c => char.IsAsciiHexDigit(c) || c is '.' or ':')
            && IPAddress.TryParse(text, out var address)
            && (address.AddressFamily is AddressFamily.InterNetworkV6 || address.ToString() == text)
            ? address
            : null;
    }

    /// <summary>Whether an address lies in it; an IPv4 address that comes as IPv6 (RFC 4291 §2.5.5.2) counts as IPv4.</summary>
    public bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        Span<byte> other = stackalloc byte[16];
        if (plain.AddressFamily != network.AddressFamily || !plain.TryWriteBytes(other, out _))
        {
            return false;
        }

        var (whole, rest) = (length / 8, length % 8);
        return other[..whole].SequenceEqual(bytes.AsSpan(0, whole)) && (rest == 0 || (other[whole] ^ bytes[whole]) >> (8 - rest) == 0);
    }

    public override string ToString() => length == bytes.Length * 8 ? $"{network}" : string.Create(CultureInfo.InvariantCulture, $"{network}/{length}");

    private bool HasBitsBehindItsLength()
    {
        for (var bit = length; bit < bytes.Length * 8; bit++)
        {
            if ((bytes[bit / 8] >> (7 - (bit % 8)) & 1) == 1)
            {
                return true;
            }
        }

        return false;
    }
}
