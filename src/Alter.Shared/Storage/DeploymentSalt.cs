using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;

namespace Alter.Storage;

/// <summary>
/// 32 random bytes of this deployment, made once and never rotated (row <c>jobs</c>/<c>deployment</c>/<c>salt</c>). Keys of rows are HMACs under it,
/// so that an id cannot confirm a guessed user or account. Part of every backup: without it no grant is found again.
/// </summary>
public sealed class DeploymentSalt
{
    private readonly AlterTables tables;
    private readonly Once<byte[]> salt;

    public DeploymentSalt(AlterTables tables)
    {
        this.tables = tables;
        salt = new Once<byte[]>(ReadOrInsertAsync);
    }

    /// <summary>HMAC-SHA256 over the length-prefixed parts: no two lists of parts collide.</summary>
    /// <remarks>One point read in a process's life, none after.</remarks>
    public async Task<byte[]> HashAsync(string[] parts, CancellationToken cancellationToken) =>
        HMACSHA256.HashData(await salt.GetAsync(cancellationToken), LengthPrefixed(parts));

    /// <summary>Each part as UTF-8 behind its length in four bytes, big-endian.</summary>
    public static byte[] LengthPrefixed(params ReadOnlySpan<string> parts)
    {
        using var buffer = new MemoryStream();
        Span<byte> length = stackalloc byte[4];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            buffer.Write(length);
            buffer.Write(bytes);
        }

        return buffer.ToArray();
    }

    private async Task<byte[]> ReadOrInsertAsync()
    {
        await tables.EnsureAsync(CancellationToken.None);
        if (await FindAsync() is { } existing)
        {
            return existing;
        }

        try
        {
            await tables.Jobs.AddEntityAsync(
                new TableEntity("deployment", "salt") { ["value"] = RandomNumberGenerator.GetBytes(32) },
                CancellationToken.None);
        }
        catch (RequestFailedException e) when (e.Status is 409)
        {
            // Another instance was first, or our own answer got lost: the stored one counts either way.
        }

        return await FindAsync() ?? throw new InvalidOperationException("The deployment salt was inserted and cannot be read.");
    }

    private async Task<byte[]?> FindAsync()
    {
        var row = await tables.Jobs.GetEntityIfExistsAsync<TableEntity>("deployment", "salt");
        return row.HasValue ? row.Value!.GetBinary("value") : null;
    }
}
