using Alter.Egress;

namespace Alter.Identity;

/// <summary>Fetches an issuer's keys: discovery document (OpenID Connect Discovery §4), then JWK set.</summary>
internal sealed class KeyDownload(EgressClient egress)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>The keys, or what was in the way, in words for the operator.</summary>
    internal async Task<(KeySet? Keys, string Fault)> FetchAsync(KeySource source)
    {
        try
        {
            var jwksUri = source.JwksUri;
            if (jwksUri is null && !TryReadJwksUri(await GetAsync(Discovery(source.Issuer), source.Scope), source.Issuer, out jwksUri, out var fault))
            {
                return (null, fault);
            }

            var keys = await GetAsync(jwksUri!, source.Scope) is { } body ? KeySet.Read(body) : null;
            return (keys, keys is null ? "Its JWK set has no usable key: RSA of at least 2048 bits, or P-256, P-384, P-521." : "");
        }
        catch (EgressException e)
        {
            return (null, e.Message);
        }
    }

    private static Uri? Discovery(string issuer) =>
        // OpenID Connect Discovery §4.1: a terminating slash is removed before the path is appended. The issuer itself keeps it.
        Uri.TryCreate(issuer.TrimEnd('/') + "/.well-known/openid-configuration", UriKind.Absolute, out var uri) ? uri : null;

    private static bool TryReadJwksUri(byte[]? body, string issuer, out Uri? jwksUri, out string fault)
    {
        jwksUri = null;
        if (body is null || StrictJson.ReadObject(body) is not { } document)
        {
            fault = "It has no discovery document at /.well-known/openid-configuration.";
            return false;
        }

        var members = new TokenClaims(document);
        if (members.Text("issuer") != issuer)
        {
            // OpenID Connect Discovery §4.3: exactly equal, or the document is another's.
            fault = "Its discovery document names another issuer; they must be equal, with or without the slash at the end.";
            return false;
        }

        fault = "Its discovery document has no absolute jwks_uri.";
        return Uri.TryCreate(members.Text("jwks_uri"), UriKind.Absolute, out jwksUri);
    }

    private async Task<byte[]?> GetAsync(Uri? uri, EgressScope scope)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.ParseAdd("application/json");
        var answer = await egress.SendAsync(request, scope, Timeout, CancellationToken.None);
        return answer.Status == 200 ? answer.Body : null;
    }
}
