using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Alter.Apps;
using Alter.Audit;
using Alter.Connect;
using Alter.Forwarding;
using Alter.Grants;
using Alter.Identity;
using Alter.Policies;
using Alter.Providers;
using Alter.Refresh;
using Alter.Tokens;
using Alter.Wallet;
using Microsoft.AspNetCore.Http;

namespace Alter.Functions.Http;

/// <summary>The one table from refusals to problem documents (RFC 9457).</summary>
public static class Problems
{
    /// <summary>How a refusal shows on the wire.</summary>
    /// <param name="Status">The HTTP status.</param>
    /// <param name="Title">The same for every occurrence.</param>
    /// <param name="Action">What the caller can do.</param>
    public sealed record Row(int Status, string Title, string Action);

    /// <summary>Every refusal that reaches the wire.</summary>
    public static IReadOnlyDictionary<Type, Row> Table { get; } = new Dictionary<Type, Row>
    {
        [typeof(InvalidRequest)] = new(400, "The request is not valid", "fix_call"),
        [typeof(UrlNotAllowed)] = new(400, "The provider does not have this host", "fix_call"),
        [typeof(MethodNotAllowed)] = new(405, "The path does not have this method", "fix_call"),
        [typeof(RequestTooLarge)] = new(413, "The request is too large", "fix_call"),
        [typeof(NotFound)] = new(404, "There is no such path", "fix_call"),
        [typeof(InvalidApiKey)] = new(401, "The app key is not valid", "fix_configuration"),
        [typeof(InvalidUserToken)] = new(401, "The user token is not valid", "fix_call"),
        [typeof(InsufficientScope)] = new(403, "The app key lacks a scope", "fix_configuration"),
        [typeof(PolicyViolation)] = new(403, "A policy forbids it", "none"),
        [typeof(ScopeReauthRequired)] = new(403, "The grant lacks a required scope", "connect"),
        [typeof(GrantExpired)] = new(403, "The grant has expired", "connect"),
        [typeof(GrantRevoked)] = new(403, "The grant was revoked", "connect"),
        [typeof(CredentialRevoked)] = new(403, "The provider no longer honours the grant", "connect"),
        [typeof(KeyUnavailable)] = new(403, "The grant's key is not available", "connect"),
        [typeof(GrantNotFound)] = new(404, "There is no such grant", "connect"),
        [typeof(AmbiguousGrant)] = new(409, "Several accounts match", "choose_account"),
        [typeof(TokenRefreshInProgress)] = new(409, "The grant is being refreshed", "retry"),
        [typeof(ConnectSessionExpired)] = new(410, "The Connect session is not valid", "connect"),
        [typeof(ConnectSessionUsed)] = new(410, "The Connect session was used", "connect"),
        [typeof(WalletSessionExpired)] = new(403, "Nobody is signed in to the Wallet", "none"),
        [typeof(ConnectDenied)] = new(403, "Access was denied", "connect"),
        [typeof(UserMismatch)] = new(403, "Another user is signed in", "connect"),
        [typeof(ConnectFlowInvalid)] = new(400, "The answer belongs to no flow of this browser", "connect"),
        [typeof(ConnectConfig)] = new(502, "The provider refused the vault", "fix_configuration"),
        [typeof(ProviderUnreachable)] = new(502, "The provider cannot be reached", "retry"),
        [typeof(ProviderTimeout)] = new(504, "The provider did not answer in time", "retry"),
        [typeof(AuditUnavailable)] = new(503, "The call could not be recorded", "retry"),
        [typeof(VaultUnavailable)] = new(503, "The vault cannot serve right now", "retry"),
        [typeof(IntegrityFailure)] = new(500, "A stored record is damaged", "none"),
        [typeof(InternalError)] = new(500, "The vault met an unexpected error", "none"),
    };

    // A limit passes by itself: RFC 6585 §4.
    private static readonly Row RateReached = new(429, "Too many calls", "retry");

    /// <summary>The refusal as a result.</summary>
    public static IResult From(Refusal refusal) => new Problem(refusal);

    /// <summary>The HTTP status a refusal is answered with.</summary>
    public static int StatusOf(Refusal refusal) => RowOf(refusal).Row.Status;

    // A refusal nobody gave a row stays inside the vault: its words were not written for callers.
    private static (Refusal Shown, Row Row) RowOf(Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return refusal is PolicyViolation { RetryAfter: not null } ? (refusal, RateReached)
            : Table.TryGetValue(refusal.GetType(), out var known) ? (refusal, known)
            : (new InternalError(), Table[typeof(InternalError)]);
    }

    private sealed class Problem(Refusal refusal) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var (shown, row) = RowOf(refusal);
            if (RequestEntry.Of(httpContext) is { } request)
            {
                request.Refusal = shown;
            }

            var response = httpContext.Response;
            var body = new JsonObject
            {
                ["type"] = $"urn:alter:error:{shown.Code}",
                ["title"] = row.Title,
                ["status"] = row.Status,
                ["detail"] = shown.Detail,
                ["code"] = shown.Code,
                ["action"] = row.Action,
                ["request_id"] = RequestId.Of(httpContext),
            };
            foreach (var (name, value) in JsonSerializer.SerializeToNode(shown, shown.GetType(), WireJson.Write)!.AsObject().ToArray())
            {
                if (value is not null)
                {
                    body[name] = value.DeepClone();
                }
            }

            response.StatusCode = row.Status;
            response.ContentType = "application/problem+json";
            response.Headers.CacheControl = "no-store";
            response.Headers[ResponseHeaders.Error] = shown.Code;
            if (shown.RetryAfter is { } wait)
            {
                response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }

            if (row.Status is 401)
            {
                response.Headers.WWWAuthenticate = "Bearer"; // RFC 9110 §11.6.1: a 401 names the scheme.
            }

            if (shown is MethodNotAllowed { Allow: var allow })
            {
                response.Headers.Allow = string.Join(", ", allow);
            }

            return httpContext.Request.Method == HttpMethods.Head ? Task.CompletedTask : response.WriteAsync(body.ToJsonString(), httpContext.RequestAborted);
        }
    }
}

/// <summary>No function has this path.</summary>
public sealed record NotFound() : Refusal("No such path. docs/architecture.md lists the vault's endpoints.");

/// <summary>The path exists with other methods.</summary>
public sealed record MethodNotAllowed([property: System.Text.Json.Serialization.JsonIgnore] IReadOnlyList<string> Allow)
    : Refusal("The path exists, but not with this method.");

/// <summary>The app key may not do this.</summary>
public sealed record InsufficientScope(string RequiredScope)
    : Refusal($"The app key needs the scope {RequiredScope}; the document gives scopes to each key.");
