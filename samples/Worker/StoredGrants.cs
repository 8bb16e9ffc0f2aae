using System.Text.Json;

namespace Samples.Worker;

/// <summary>The grants this product works for: written down when people connected, crossed out when only they can help.</summary>
internal sealed class StoredGrants(DigestOptions options)
{
    /// <param name="GrantId">The vault's id: no secret, and worth nothing without an app key.</param>
    /// <param name="Ended">Why it is left alone; null: it is worked for.</param>
    public sealed record Entry(Guid GrantId, string? Ended = null);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Those to work for.</summary>
    public async Task<IReadOnlyList<Guid>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await ReadAsync(cancellationToken)).Where(entry => entry.Ended is null).Select(entry => entry.GrantId)];

    /// <summary>Crosses one out; the product shows its owner a button to connect again.</summary>
    public async Task EndAsync(Guid grantId, string why, CancellationToken cancellationToken)
    {
        var entries = await ReadAsync(cancellationToken);
        var json = JsonSerializer.Serialize(entries.Select(entry => entry.GrantId == grantId ? entry with { Ended = why } : entry), Json);
        await File.WriteAllTextAsync(options.Grants, json, cancellationToken);
    }

    private async Task<IReadOnlyList<Entry>> ReadAsync(CancellationToken cancellationToken) =>
        File.Exists(options.Grants) ? JsonSerializer.Deserialize<Entry[]>(await File.ReadAllTextAsync(options.Grants, cancellationToken), Json) ?? [] : [];
}
