using System.Security.Cryptography;
using System.Text.Json;
using Alter.Keys;
using Alter.Storage;
using Alter.Tokens;
using Azure.Data.Tables;

namespace Alter.Connect;

/// <summary>Seals and authenticates rows of table <c>connect</c>.</summary>
internal static class ConnectSeal
{
    internal static byte[] AssociatedData(ConnectKey key, string app, string field) =>
        DeploymentSalt.LengthPrefixed("alter/1", "connect", app, key.Partition, key.Row, field);

    internal static byte[] Mac(KeyEncryptionKey key, string app, params ReadOnlySpan<string> parts) =>
        HMACSHA256.HashData(key.Derive(KeyPurpose.Row, app), DeploymentSalt.LengthPrefixed(parts));

    /// <summary>What a row holds; null unless it is as the vault wrote it, at its own place.</summary>
    internal static async Task<T?> ReadAsync<T>(
        KeyRing ring, TableEntity row, string sealedColumn, Func<TableEntity, KeyEncryptionKey, byte[]> macOf, Func<byte[], T> make, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var app = row.GetString("app") ?? "";
            return await ring.FindAsync(row.GetString("kek") ?? "", cancellationToken) is { } key
                && CryptographicOperations.FixedTimeEquals(row.GetBinary("mac") ?? [], macOf(row, key))
                && SealedFormat.TryOpen(
                    key.Derive(KeyPurpose.Flow, app),
                    row.GetBinary(sealedColumn) ?? [],
                    AssociatedData(new ConnectKey(row.PartitionKey, row.RowKey), app, sealedColumn),
                    out var opened)
                    ? make(opened)
                    : null;
        }
        catch (Exception e) when (e is InvalidOperationException or JsonException)
        {
            return null; // A column of another type or form than the vault writes: as good as a wrong MAC.
        }
    }
}
