using System.Globalization;
using System.Text.Json;
using Alter.Apps;
using Alter.Grants;

namespace Alter.Cli.Grants;

/// <summary>A grant as <c>alter grants list</c> shows it; its members are those of <c>--json</c>.</summary>
internal sealed record GrantLine
{
    public required string GrantId { get; init; }

    public required string App { get; init; }

    public required string Provider { get; init; }

    public required string State { get; init; }

    public required string Status { get; init; }

    public required string? Cause { get; init; }

    public required int Generation { get; init; }

    public required DateTimeOffset? AccessTokenExpiresAt { get; init; }

    public required string? LastError { get; init; }

    public required int Fails { get; init; }

    public required DateTimeOffset? NextAttemptAt { get; init; }

    public required DateTimeOffset? DueAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset? LastUsedAt { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public required bool HoldsRefreshToken { get; init; }

    public required string KeyVersion { get; init; }

    public required string? RevocationOutcome { get; init; }

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static GrantLine Of(StoredGrant stored, DateTimeOffset now, VaultConfiguration? vault)
    {
        var grant = stored.Grant;
        var health = stored.HealthAt(now, vault);
        return new GrantLine
        {
            GrantId = grant.Id.ToString("D"),
            App = Shown.Text(grant.Place.App),
            Provider = Shown.Text(grant.Place.Provider),
            State = GrantStates.Of(stored, now, vault),
            Status = grant.StatusAt(now).ToWire(),
            Cause = grant.Cause is { } cause ? Shown.Text(cause) : null,
            Generation = grant.Generation,
            AccessTokenExpiresAt = grant.AccessTokenExpiresAt,
            LastError = health.LastError,
            Fails = health.State is GrantHealthState.Ended ? 0 : grant.Fails, // An ended grant counts attempts to tell the provider.
            NextAttemptAt = health.NextAttemptAt,
            DueAt = grant.DueAt,
            CreatedAt = grant.CreatedAt,
            LastUsedAt = stored.LastUsedAt,
            ExpiresAt = grant.ExpiresAt,
            ChangedAt = stored.ChangedAt,
            HoldsRefreshToken = stored.HoldsRefreshToken,
            KeyVersion = Shown.Text(stored.KeyVersion),
            RevocationOutcome = grant.RevocationOutcome is { } outcome ? Shown.Text(outcome) : null,
        };
    }

    public static string Header(int app, int provider) =>
        Row("GRANT", "APP".PadRight(app), "PROVIDER".PadRight(provider), "STATE", "GEN", "TOKEN ENDS", "CREATED", "LAST USED", "LAST ERROR, NEXT ATTEMPT");

    /// <summary>One line, with the two names as wide as asked.</summary>
    public string ToText(int app, int provider)
    {
        var error = State is "expired" or "revoked" ? Cause : LastError is null ? Fails > 0 ? "failed" : null : LastError;
        var tail = (error, Fails) switch
        {
            (null, _) => "",
            (_, > 0) => string.Create(CultureInfo.InvariantCulture, $"{error} x{Fails}"),
            _ => error,
        };
        tail += NextAttemptAt is { } next ? $"{(tail.Length > 0 ? ", " : "")}{Instants.Minute(next)}" : "";
        return Row(
            GrantId,
            App.PadRight(app),
            Provider.PadRight(provider),
            State,
            Generation.ToString(CultureInfo.InvariantCulture),
            Instants.Minute(AccessTokenExpiresAt),
            Instants.Minute(CreatedAt),
            Instants.Minute(LastUsedAt),
            tail.Length > 0 ? tail : "-");
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private static string Row(string id, string app, string provider, string state, string generation, string ends, string created, string used, string tail) =>
        $"{id,-36}  {app}  {provider}  {state,-18}  {generation,3}  {ends,-17}  {created,-17}  {used,-17}  {tail}";
}
