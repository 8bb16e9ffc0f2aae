using System.Net.Http.Headers;
using System.Text;
using Alter.Apps;
using Alter.Egress;
using Alter.Policies;
using Alter.Providers;

namespace Alter.Tokens;

/// <summary>
/// A provider's token and revocation endpoints. Every request is sent exactly once: presenting a code or a refresh token twice can end a grant,
/// so no retry or hedging handler may ever lie below. The one exception is a request whose client was refused: it spent nothing.
/// </summary>
public sealed class TokenEndpoint(EgressClient egress, ProviderDiscovery discovery, SecretStore secrets)
{
    /// <summary>The whole budget of one redemption.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    /// <summary>Fetches what a request will need (endpoints, client secret), so that no token is spent before it is certain.</summary>
    /// <returns>The endpoints, or <see cref="ConnectConfig"/>, <see cref="PolicyViolation"/>, <see cref="VaultUnavailable"/> where the client secret cannot be read.</returns>
    public async Task<Outcome<ProviderEndpoints>> PrepareAsync(AppProvider provider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (provider.Suspension is { } suspension)
        {
            return PolicyViolation.Of(suspension);
        }

        return provider.ClientSecret is null || (await secrets.GetAsync(provider.ClientSecret, cancellationToken)).Succeeded(out _, out _)
            ? await discovery.ResolveAsync(provider.Definition, cancellationToken)
            : WithoutSecret(provider);
    }

    /// <summary>Exchanges an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5).</summary>
    /// <returns>
    /// The tokens, or <see cref="InvalidGrant"/>, <see cref="ConnectConfig"/>, <see cref="ProviderUnreachable"/>, <see cref="ProviderTimeout"/>,
    /// <see cref="PolicyViolation"/>, <see cref="VaultUnavailable"/>.
    /// </returns>
    public Task<Outcome<TokenSet>> RedeemCodeAsync(AppProvider provider, string code, Uri redirectUri, string? codeVerifier, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(redirectUri);
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUri.AbsoluteUri,
        };
        if (codeVerifier is not null)
        {
            form["code_verifier"] = codeVerifier;
        }

        return RequestTokensAsync(provider, form, cancellationToken);
    }

    /// <summary>Redeems a refresh token (RFC 6749 §6).</summary>
    /// <returns>As <see cref="RedeemCodeAsync"/>.</returns>
    public Task<Outcome<TokenSet>> RefreshAsync(AppProvider provider, RefreshToken token, CancellationToken cancellationToken) => RequestTokensAsync(
        provider,
        new Dictionary<string, string> { ["grant_type"] = "refresh_token", ["refresh_token"] = token.Reveal() },
        cancellationToken);

    /// <summary>Tells the provider that a token is no longer wanted (RFC 7009 §2.1).</summary>
    /// <returns>The revocation, or a refusal that tells whether trying again makes sense (<see cref="ProviderUnreachable"/>, <see cref="ProviderTimeout"/>).</returns>
    public async Task<Outcome<ProviderRevocation>> RevokeAsync(AppProvider provider, string token, bool isAccessToken, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (!(await discovery.ResolveAsync(provider.Definition, cancellationToken)).Succeeded(out var endpoints, out var refusal))
        {
            return refusal;
        }

        if (endpoints.Revocation is null || provider.Definition.Revocation is RevocationKind.None)
        {
            return ProviderRevocation.NotOffered;
        }

        var request = new Dictionary<string, string>
        {
            ["token"] = token,
            ["token_type_hint"] = isAccessToken ? "access_token" : "refresh_token",
        };
        if (!(await SendAsync(provider, endpoints.Revocation, request, cancellationToken)).Succeeded(out var answer, out refusal))
        {
            return refusal;
        }

        var form = provider.Definition.TokenAnswer;
        return answer.Status switch
        {
            204 => ProviderRevocation.Confirmed,
            200 when TokenAnswer.Succeeds(answer.Body, form) => ProviderRevocation.Confirmed, // RFC 7009 §2.2: also for a token that was already invalid.
            429 or >= 500 => Unreachable(provider, answer),
            _ => TokenAnswer.ReadError(answer.Body, form) switch
            {
                "unsupported_token_type" => ProviderRevocation.NotOffered,
                "invalid_token" or "invalid_grant" => ProviderRevocation.Confirmed,
                "temporarily_unavailable" => Unreachable(provider, answer),
                var error => Config(provider, error, "The revocation endpoint refused the request"),
            },
        };
    }

    /// <summary>Gives back tokens that nobody will use. Where revocation is account-wide the provider is not told: it would end other grants of the account too.</summary>
    /// <returns>What came of it, for the log.</returns>
    public async Task<string> DiscardAsync(AppProvider provider, RefreshToken? refreshToken, AccessToken accessToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (provider.Definition.Revocation is not RevocationKind.Token)
        {
            return "not told";
        }

        var (token, isAccessToken) = refreshToken is { } refresh ? (refresh.Reveal(), false) : (accessToken.Reveal(), true);
        return (await RevokeAsync(provider, token, isAccessToken, CancellationToken.None)).Succeeded(out var told, out var refusal) ? told.ToString() : refusal.Code;
    }

    private async Task<Outcome<TokenSet>> RequestTokensAsync(AppProvider provider, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (provider.Suspension is { } suspension)
        {
            return PolicyViolation.Of(suspension); // The last gate, whoever asks: a suspended provider gives no token. Taking tokens back stays possible.
        }

        if (!(await discovery.ResolveAsync(provider.Definition, cancellationToken)).Succeeded(out var endpoints, out var refusal)
            || !(await SendAsync(provider, endpoints.Token, form, cancellationToken)).Succeeded(out var answer, out refusal))
        {
            return refusal;
        }

        if (answer.Status is 429 or >= 500)
        {
            return Unreachable(provider, answer);
        }

        var error = TokenAnswer.ReadError(answer.Body, provider.Definition.TokenAnswer);
        if (error is "temporarily_unavailable")
        {
            return Unreachable(provider, answer);
        }

        if (answer.Status is 200 or 201 && error is null)
        {
            return TokenAnswer.ReadTokens(answer.Body, provider.Definition.TokenAnswer) is { } tokens
                ? tokens
                : Config(provider, null, "The token endpoint's answer holds no bearer token that can be used");
        }

        return error is "invalid_grant" ? new InvalidGrant(error) : Config(provider, error, "The token endpoint refused the vault's request");
    }

    // RFC 6749 §5.2: a refused client has spent nothing, so the request may go out again with another of its secrets. That is how a rotation goes by
    // unnoticed: the secret in memory is old, or the provider does not know the new one yet.
    private async Task<Outcome<EgressAnswer>> SendAsync(AppProvider provider, Uri endpoint, Dictionary<string, string> form, CancellationToken cancellationToken)
    {
        if (provider.ClientSecret is null || provider.Definition.TokenEndpointAuthMethod is TokenEndpointAuthMethod.None)
        {
            return await SendOnceAsync(provider, endpoint, form, null, cancellationToken);
        }

        if (!(await secrets.GetAsync(provider.ClientSecret, cancellationToken)).Succeeded(out var secret, out _))
        {
            return WithoutSecret(provider);
        }

        var first = await SendOnceAsync(provider, endpoint, form, secret, cancellationToken);
        if (!IsClientRefused(first, provider))
        {
            return first;
        }

        var tried = new HashSet<string>(StringComparer.Ordinal) { secret };
        foreach (var name in new[] { provider.ClientSecret, provider.PreviousClientSecret })
        {
            if (name is not null && (await secrets.GetFreshAsync(name, cancellationToken)).Succeeded(out var other, out _) && tried.Add(other))
            {
                var answer = await SendOnceAsync(provider, endpoint, form, other, cancellationToken);
                if (!IsClientRefused(answer, provider))
                {
                    return answer;
                }
            }
        }

        return first;
    }

    private static bool IsClientRefused(Outcome<EgressAnswer> sent, AppProvider provider) =>
        sent.Succeeded(out var answer, out _) && answer.Status is not (429 or >= 500) && TokenAnswer.ReadError(answer.Body, provider.Definition.TokenAnswer) is "invalid_client";

    private async Task<Outcome<EgressAnswer>> SendOnceAsync(
        AppProvider provider, Uri endpoint, IReadOnlyDictionary<string, string> parameters, string? secret, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        var form = new Dictionary<string, string>(parameters);
        if (secret is null)
        {
            form["client_id"] = provider.ClientId;
        }
        else if (provider.Definition.TokenEndpointAuthMethod is TokenEndpointAuthMethod.ClientSecretPost)
        {
            form["client_id"] = provider.ClientId;
            form["client_secret"] = secret;
        }
        else
        {
            // RFC 6749 §2.3.1: both are form-encoded before they are joined.
            var credentials = $"{Uri.EscapeDataString(provider.ClientId)}:{Uri.EscapeDataString(secret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        request.Content = new FormUrlEncodedContent(form);
        var scope = provider.Definition.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public;
        try
        {
            return await egress.SendAsync(request, scope, Budget, cancellationToken);
        }
        catch (EgressException e) when (e.Fault is EgressFault.Timeout)
        {
            return new ProviderTimeout(e.Message, provider.Definition.Id);
        }
        catch (EgressException e) when (e.Fault is EgressFault.ForbiddenAddress)
        {
            return Config(provider, null, e.Message);
        }
        catch (EgressException e)
        {
            return new ProviderUnreachable(e.Message, provider.Definition.Id);
        }
    }

    private static ProviderUnreachable Unreachable(AppProvider provider, EgressAnswer answer) =>
        new($"The provider answered {answer.Status}.", provider.Definition.Id) { RetryAfter = answer.RetryAfter };

    // The provider has nothing to do with it, and it heals by itself once the secret is there.
    // Connect shows it to whoever connects: which secret that is, is the operator's to read.
    private static VaultUnavailable WithoutSecret(AppProvider provider) =>
        new($"The client secret for provider {provider.Definition.Id} cannot be read; /health/ready says which and why.");

    private static ConnectConfig Config(AppProvider provider, string? error, string what) =>
        new($"{what}. Check this app's client id, client secret and scopes for provider {provider.Definition.Id}.", provider.Definition.Id, error);
}

/// <summary>What a provider said to a revocation.</summary>
public enum ProviderRevocation
{
    /// <summary>The token is void there too.</summary>
    Confirmed,

    /// <summary>The provider has no revocation for this token.</summary>
    NotOffered,
}
