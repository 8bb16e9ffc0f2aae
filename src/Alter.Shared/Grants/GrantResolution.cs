using Alter.Tokens;

namespace Alter.Grants;

/// <summary>Finds the one grant a call means.</summary>
public sealed class GrantResolution(GrantStore store, GrantKeys keys, TimeProvider time)
{
    private const int MaxAccountLength = AccountProfile.MaxLength;

    /// <summary>The user's grant of a provider.</summary>
    /// <param name="owner">Whose grants are looked at, and nobody else's.</param>
    /// <param name="provider">The provider's id.</param>
    /// <param name="account">Narrows to an account: its identifier or id, exact or else without regard to case. Null: any.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>
    /// The active grant; where none is active the newest one that is not, whose <see cref="Grant.RefusalAt"/> says why; or
    /// <see cref="AmbiguousGrant"/>, <see cref="GrantNotFound"/>.
    /// </returns>
    /// <remarks>One storage operation.</remarks>
    public async ValueTask<Outcome<Grant>> ResolveAsync(GrantOwner owner, string provider, string? account, CancellationToken cancellationToken)
    {
        var candidates = await store.ListAsync(owner, provider, cancellationToken);
        return account is null && candidates is [{ IsErased: false } only] && only.StatusAt(time.GetUtcNow()) is GrantStatus.Active
            ? only // What most have.
            : await ChooseAsync(candidates, provider, account, cancellationToken);
    }

    private async Task<Outcome<Grant>> ChooseAsync(IReadOnlyList<Grant> candidates, string provider, string? account, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        candidates = [.. candidates.Where(grant => !grant.IsErased)];
        if (account is not null)
        {
            candidates = await NarrowAsync(candidates, account, cancellationToken);
        }

        var active = candidates.Where(grant => grant.StatusAt(now) is GrantStatus.Active).ToArray();
        return active switch
        {
            [var one] => one,
            [] => candidates.Where(grant => grant.Status is not GrantStatus.Pending).MaxBy(grant => grant.CreatedAt) is { } newest
                ? newest
                : new GrantNotFound(provider),
            _ => await AmbiguousAsync(active, cancellationToken),
        };
    }

    /// <summary>A grant by id. An id that is foreign, unknown or malformed gives the same answer after the same work.</summary>
    /// <param name="owner">The user it must belong to.</param>
    /// <param name="grantId">As received.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <remarks>One storage operation.</remarks>
    public async ValueTask<Outcome<Grant>> ResolveByIdAsync(GrantOwner owner, string grantId, CancellationToken cancellationToken)
    {
        // Malformed ids ask for an id nobody has: no answer, and no shorter time, tells them apart.
        var id = Guid.TryParseExact(grantId, "D", out var parsed) ? parsed : Guid.Empty;
        return await store.FindAsync(owner, id, cancellationToken) is { } grant ? grant : new GrantNotFound();
    }

    /// <summary>A grant of an app by id, whoever owns it: for keys that may act for any user.</summary>
    /// <remarks>One storage operation.</remarks>
    public async ValueTask<Outcome<Grant>> ResolveByIdAsync(string app, string grantId, CancellationToken cancellationToken) =>
        Guid.TryParseExact(grantId, "D", out var id) && await store.FindAsync(app, id, cancellationToken) is { } grant ? grant : new GrantNotFound();

    private async Task<IReadOnlyList<Grant>> NarrowAsync(IReadOnlyList<Grant> grants, string account, CancellationToken cancellationToken)
    {
        if (account.Length > MaxAccountLength)
        {
            return [];
        }

        var profiles = new List<(Grant Grant, AccountProfile Profile)>();
        foreach (var grant in grants)
        {
            if (await keys.ReadProfileAsync(grant, cancellationToken) is { } profile)
            {
                profiles.Add((grant, profile));
            }
        }

        var exact = profiles.Where(candidate => Matches(candidate.Profile, StringComparison.Ordinal)).ToArray();
        var matching = exact.Length > 0 ? exact : [.. profiles.Where(candidate => Matches(candidate.Profile, StringComparison.OrdinalIgnoreCase))];
        return [.. matching.Select(candidate => candidate.Grant)];

        bool Matches(AccountProfile profile, StringComparison comparison) =>
            profile.Identifier.Equals(account, comparison) || profile.AccountId.Equals(account, comparison);
    }

    private async Task<AmbiguousGrant> AmbiguousAsync(Grant[] grants, CancellationToken cancellationToken)
    {
        var choices = new List<AmbiguousGrant.Choice>();
        foreach (var grant in grants)
        {
            var profile = await keys.ReadProfileAsync(grant, cancellationToken);
            choices.Add(new AmbiguousGrant.Choice(grant.Id, profile?.Identifier ?? grant.Id.ToString("D"), profile?.DisplayName));
        }

        return new AmbiguousGrant([.. choices.Select(choice => choice.AccountIdentifier)], choices);
    }
}
