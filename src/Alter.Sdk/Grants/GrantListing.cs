using System.Globalization;

namespace Alter.Sdk;

/// <summary>Which of the user's grants to list; without statuses all but revoked and pending ones.</summary>
public sealed record GrantFilter
{
    /// <summary>Of one provider only.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Of one account only.</summary>
    public string? Account { get; init; }

    /// <summary>With one of these statuses.</summary>
    public IReadOnlyList<GrantStatus>? Statuses { get; init; }

    /// <summary>Grants per page, 1 to 100; null: 100.</summary>
    public int? PageSize { get; init; }

    /// <summary>The user's JWT, instead of the one of the current request.</summary>
    public string? UserToken { get; init; }

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[grant filter]";

    internal string ToQuery(string? cursor)
    {
        string?[] parts =
        [
            Part("provider_id", ProviderId),
            Part("account", Account),
            Part("status", Statuses is { Count: > 0 } statuses ? string.Join(',', statuses.Select(status => status.ToWire())) : null),
            Part("limit", PageSize?.ToString(CultureInfo.InvariantCulture)),
            Part("cursor", cursor),
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? "" : $"?{query}";

        static string? Part(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"{name}={Uri.EscapeDataString(value)}";
    }
}

/// <summary>One page of a user's grants.</summary>
public sealed record GrantPage
{
    /// <summary>The grants, in an order that stays the same.</summary>
    public required IReadOnlyList<Grant> Grants { get; init; }

    /// <summary>How many there are on all pages.</summary>
    public int Total { get; init; }

    /// <summary>How many this page could hold.</summary>
    public int Limit { get; init; }

    /// <summary>How many lie on pages before.</summary>
    public int Offset { get; init; }

    /// <summary>Whether another page follows.</summary>
    public bool HasMore { get; init; }

    /// <summary>Asks for the next page; null on the last one.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>A grant that is revoked; a second revocation answers the first one's instant.</summary>
public sealed record Revocation
{
    /// <summary>True: the tokens are gone, the next call is refused.</summary>
    public bool Success { get; init; }

    /// <summary>The same in words.</summary>
    public string? Message { get; init; }

    /// <summary>The grant.</summary>
    public required Guid GrantId { get; init; }

    /// <summary>When it was revoked.</summary>
    public required DateTimeOffset RevokedAt { get; init; }
}

/// <summary>The user a valid user token names.</summary>
/// <param name="Issuer">The identity provider.</param>
/// <param name="Subject">The value of the app's user-id claim.</param>
public sealed record VerifiedUser(string Issuer, string Subject);
