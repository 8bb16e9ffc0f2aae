using System.Globalization;

namespace Alter.Sdk;

/// <summary>Which entries of the record to list; without a user token those of the whole app.</summary>
public sealed record AuditFilter
{
    /// <summary>Of one user only, by the hash that entries name them with.</summary>
    public string? User { get; init; }

    /// <summary>Of one provider only.</summary>
    public string? ProviderId { get; init; }

    /// <summary>Of one grant only.</summary>
    public Guid? GrantId { get; init; }

    /// <summary>With this outcome only.</summary>
    public string? Outcome { get; init; }

    /// <summary>At this instant or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Before this instant.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Entries per page, 1 to 1,000; null: 100.</summary>
    public int? PageSize { get; init; }

    /// <summary>A user's JWT: that user's entries alone. The token of the current request is not used, for it would silently narrow what is asked.</summary>
    public string? UserToken { get; init; }

    /// <summary>A label: it may hold a JWT.</summary>
    public override string ToString() => "[audit filter]";

    internal string ToQuery(string? cursor)
    {
        string?[] parts =
        [
            Part("user", User),
            Part("provider", ProviderId),
            Part("grant_id", GrantId?.ToString("D")),
            Part("outcome", Outcome),
            Part("since", Instant(Since)),
            Part("until", Instant(Until)),
            Part("limit", PageSize?.ToString(CultureInfo.InvariantCulture)),
            Part("cursor", cursor),
        ];
        var query = string.Join('&', parts.OfType<string>());
        return query.Length == 0 ? "" : $"?{query}";

        static string? Part(string name, string? value) => string.IsNullOrEmpty(value) ? null : $"{name}={Uri.EscapeDataString(value)}";

        static string? Instant(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
    }
}
