using System.Globalization;
using System.Security.Cryptography;

namespace Alter.Grants;

/// <summary>
/// A grant's id is a UUID of version 8 (RFC 9562 §5.8) whose 60 high bits are those of the owner's hash, so that the id alone names the partition
/// and no index table is needed. The other 62 bits are random.
/// </summary>
/// <remarks>
/// <code>
///  oooooooo-oooo-8ooo-rrrr-rrrrrrrrrrrr     o = owner's hash, 8 = version, r = random (two variant bits inside)
/// </code>
/// </remarks>
public static class GrantId
{
    internal const int OwnerDigits = 15;

    /// <summary>A new id for a grant of this owner.</summary>
    public static Guid New(GrantOwner owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var random = RandomNumberGenerator.GetBytes(8);
        random[0] = (byte)((random[0] & 0x3F) | 0x80); // RFC 9562 §4.1: variant 10.
        var o = owner.Hash;
        return Guid.ParseExact($"{o[..12]}8{o[12..OwnerDigits]}{Convert.ToHexStringLower(random)}", "N");
    }

    /// <summary>The partition the id points to; null where the id is not one of ours.</summary>
    public static string? PartitionOf(string app, Guid id)
    {
        var digits = id.ToString("N", CultureInfo.InvariantCulture);
        return digits[12] == '8' ? $"{app}|{digits[..12]}{digits[13..16]}" : null;
    }
}
