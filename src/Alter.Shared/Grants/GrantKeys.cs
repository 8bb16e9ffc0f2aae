using Alter.Keys;
using Alter.Tokens;
using Microsoft.Extensions.Logging;

namespace Alter.Grants;

/// <summary>Opens grants: finds the key version a row names, and believes an active row only under its MAC.</summary>
public sealed class GrantKeys(KeyRing ring, ILogger<GrantKeys> logger)
{
    /// <summary>The key that sealed the grant, once the row has proved to be as the vault wrote it.</summary>
    /// <returns>The key, or <see cref="IntegrityFailure"/>, <see cref="KeyUnavailable"/>.</returns>
    /// <exception cref="KeySourceException">The source of keys does not answer.</exception>
    public async ValueTask<Outcome<KeyEncryptionKey>> AuthenticateAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (await FindAsync(grant, cancellationToken) is not { } key)
        {
            return new KeyUnavailable(grant.Id, grant.Place.Provider);
        }

        return grant.IsAuthentic(key) ? key : Failed(grant, "row MAC");
    }

    /// <summary>The account behind the grant; null where it cannot be opened, which is logged.</summary>
    /// <exception cref="KeySourceException">The source of keys does not answer.</exception>
    public async Task<AccountProfile?> ReadProfileAsync(Grant grant, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(grant);
        if (await FindAsync(grant, cancellationToken) is not { } key)
        {
            return null;
        }

        var profile = grant.Secrets.TryOpenProfile(key, grant.Place, grant.Generation);
        if (profile is null)
        {
            Log.IntegrityFailed(logger, grant.Id, "profile");
        }

        return profile;
    }

    /// <summary>Which part did not open goes to the log alone: the answer is the same for every part and byte.</summary>
    public IntegrityFailure Failed(Grant grant, string part)
    {
        ArgumentNullException.ThrowIfNull(grant);
        Log.IntegrityFailed(logger, grant.Id, part);
        return new IntegrityFailure();
    }

    /// <summary>The key version the row names, for a grant that releases nothing; null where it is not to be had, which is logged.</summary>
    /// <exception cref="KeySourceException">The source of keys does not answer.</exception>
    internal async ValueTask<KeyEncryptionKey?> FindAsync(Grant grant, CancellationToken cancellationToken)
    {
        var key = await ring.FindAsync(grant.Secrets.KeyVersion, cancellationToken);
        if (key is null)
        {
            Log.KeyMissing(logger, grant.Id, KeyEncryptionKey.VersionPattern.IsMatch(grant.Secrets.KeyVersion) ? grant.Secrets.KeyVersion : "[malformed]");
        }

        return key;
    }
}
