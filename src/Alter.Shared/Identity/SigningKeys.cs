using System.Collections.Concurrent;
using Alter.Apps;
using Alter.Egress;
using Microsoft.Extensions.Logging;

namespace Alter.Identity;

/// <summary>The keys issuers sign with, by discovery and JWK set, kept fresh without a restart.</summary>
/// <remarks>Fetched at first use, for an unknown key id, and after 12 hours; never more than once in 30 seconds per issuer. The last good set serves for 24 hours.</remarks>
public sealed class SigningKeys(EgressClient egress, TimeProvider time, ILogger<SigningKeys> log)
{
    private readonly KeyDownload download = new(egress);
    private readonly ConcurrentDictionary<KeySource, IssuerKeys> issuers = new();

    /// <summary>Asks every issuer of an identity provider for its keys, as the first token would.</summary>
    /// <returns>Each issuer, and what is in the way; null where nothing is.</returns>
    public async Task<IReadOnlyList<(string Issuer, string? Fault)>> TryAsync(IdentityProviderConfiguration provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        var found = new List<(string, string?)>();
        foreach (var issuer in ConcreteIssuer.Of(provider))
        {
            var outcome = await FindAsync(issuer.Keys, keyId: null, cancellationToken);
            found.Add((issuer.Issuer, outcome.Succeeded(out _, out var refusal) ? null : refusal.Detail));
        }

        return found;
    }

    /// <summary>The keys of one source, fetched again if that could make <paramref name="keyId"/> known.</summary>
    /// <returns>The keys, with or without that one, or <see cref="VaultUnavailable"/> where there are none.</returns>
    internal async ValueTask<Outcome<KeySet>> FindAsync(KeySource source, string? keyId, CancellationToken cancellationToken)
    {
        var keys = issuers.TryGetValue(source, out var known) ? known : issuers.GetOrAdd(source, one => new IssuerKeys(one, download, time, log));
        var (set, problem) = await keys.FindAsync(keyId, cancellationToken);
        return set is null ? new VaultUnavailable($"The keys of identity provider {source.Issuer} cannot be fetched. {problem}") : set;
    }
}
