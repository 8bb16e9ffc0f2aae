using System.Net;

namespace Alter.Policies;

/// <summary>The one rule by which the document knows who called: a header that a trusted proxy sets, and which of its entries is whose.</summary>
/// <param name="Header">Its name. Of <c>X-Forwarded-For</c> every proxy appends the address it was called from.</param>
/// <param name="TrustedHops">
/// How many proxies stand before the vault. The address is that many entries from the right: what is further left is the caller's own word.
/// </param>
public sealed record CallerAddressRule(string Header, int TrustedHops)
{
    /// <summary>The only header of several entries, and the only one the Functions host replaces on its way to the vault.</summary>
    public const string ForwardedFor = "X-Forwarded-For";

    private const int MaxLength = 4096;

    /// <summary>Whether the header is a list that proxies append to.</summary>
    public bool IsList => Header.Equals(ForwardedFor, StringComparison.OrdinalIgnoreCase);

    /// <summary>The caller's address; null where the header does not read. An IPv4 address that comes as IPv6 is given as IPv4.</summary>
    /// <param name="value">The header's lines, joined by commas.</param>
    public IPAddress? Read(string? value)
    {
        if (value is not { Length: > 0 and <= MaxLength })
        {
            return null;
        }

        var entries = value.Split(',');
        return entries.Length < TrustedHops || (!IsList && entries.Length != 1) ? null : ReadEntry(entries[^TrustedHops].Trim(' ', '\t'));
    }

    // 203.0.113.7, 203.0.113.7:49152, 2001:db8::7, [2001:db8::7], [2001:db8::7]:49152. Azure's front end writes the port.
    private static IPAddress? ReadEntry(string entry)
    {
        var text = entry;
        if (entry.StartsWith('['))
        {
            var end = entry.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || !(end == entry.Length - 1 || IsPort(entry.AsSpan(end + 1))))
            {
                return null;
            }

            text = entry[1..end];
            if (!text.Contains(':', StringComparison.Ordinal))
            {
                return null;
            }
        }
        else if (entry.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon == entry.LastIndexOf(':'))
        {
            if (!IsPort(entry.AsSpan(colon)))
            {
                return null;
            }

            text = entry[..colon];
        }

        return AddressRange.ParseAddress(text) is { } address ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address) : null;
    }

    private static bool IsPort(ReadOnlySpan<char> text) => text is [':', _, ..] and { Length: <= 6 } && text[1..].IndexOfAnyExceptInRange('0', '9') < 0;
}
