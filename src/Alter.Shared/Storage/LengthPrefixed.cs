using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Alter.Storage;

/// <summary>What a hash or a MAC covers, gathered in one rented buffer: each part as UTF-8 behind its length in four bytes, big-endian, so that no two lists of parts collide.</summary>
/// <remarks>What is no text needs no string of its own; where all are, <see cref="DeploymentSalt.LengthPrefixed"/> is shorter.</remarks>
internal ref struct LengthPrefixed
{
    private byte[] buffer;
    private int length;

    /// <param name="expected">About how many bytes there will be.</param>
    public LengthPrefixed(int expected) => buffer = ArrayPool<byte>.Shared.Rent(expected);

    /// <summary>What was gathered, until <see cref="Dispose"/>.</summary>
    public readonly ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    public void Add(ReadOnlySpan<char> part)
    {
        var place = Begin(Encoding.UTF8.GetMaxByteCount(part.Length));
        End(Encoding.UTF8.GetBytes(part, place));
    }

    /// <summary>A text that is UTF-8 already.</summary>
    public void AddUtf8(ReadOnlySpan<byte> part)
    {
        part.CopyTo(Begin(part.Length));
        End(part.Length);
    }

    /// <summary>A number in decimal.</summary>
    public void Add(long number)
    {
        var place = Begin(20);
        Utf8Formatter.TryFormat(number, place, out var written);
        End(written);
    }

    /// <summary>An id as <c>Guid.ToString("D")</c> has it.</summary>
    public void Add(Guid id)
    {
        var place = Begin(36);
        id.TryFormat(place, out var written, "D");
        End(written);
    }

    /// <summary>An instant as <see cref="RowKeys.Ticks"/> has it; nothing where there is none.</summary>
    public void Add(DateTimeOffset? instant)
    {
        var place = Begin(19);
        var written = 0;
        instant?.UtcTicks.TryFormat(place, out written, "D19", CultureInfo.InvariantCulture);
        End(written);
    }

    /// <summary>Bytes in Base64.</summary>
    public void AddBase64(ReadOnlySpan<byte> bytes)
    {
        var place = Begin(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, place, out _, out var written);
        End(written);
    }

    /// <summary>Bytes in lower-case hex.</summary>
    public void AddHex(ReadOnlySpan<byte> bytes)
    {
        var place = Begin(2 * bytes.Length);
        Convert.TryToHexStringLower(bytes, place, out var written);
        End(written);
    }

    public readonly byte[] ToArray() => Written.ToArray();

    public readonly byte[] Sha256() => SHA256.HashData(Written);

    public void Dispose()
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            (buffer, length) = ([], 0);
        }
    }

    private Span<byte> Begin(int atMost)
    {
        var needed = length + sizeof(int) + atMost;
        if (needed > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * buffer.Length));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }

        return buffer.AsSpan(length + sizeof(int));
    }

    private void End(int written)
    {
        BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(length), written);
        length += sizeof(int) + written;
    }
}
