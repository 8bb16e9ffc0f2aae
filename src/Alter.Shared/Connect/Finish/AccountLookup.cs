using System.Net.Http.Headers;
using System.Text.Json;
using Alter.Apps;
using Alter.Egress;
using Alter.Identity;
using Alter.Providers;
using Alter.Tokens;

namespace Alter.Connect;

/// <summary>Finds out whose account a fresh token belongs to: by the definition's account resource, else the id token, else the userinfo endpoint.</summary>
public sealed class AccountLookup(EgressClient egress, IdTokenVerifier idTokens)
{
    // An account keys its grant; where a provider has no way to name one, a user can have one grant of it.
    private const string OnlyAccount = "-";

    /// <summary>The account.</summary>
    /// <param name="provider">The app's provider.</param>
    /// <param name="endpoints">Its endpoints.</param>
    /// <param name="tokens">What the code brought.</param>
    /// <param name="nonce">What the id token must carry; null where none was asked for.</param>
    /// <param name="cancellationToken">Stops the calls.</param>
    /// <returns>The account, or <see cref="ConnectFlowInvalid"/> for an id token that is not for this flow, <see cref="ConnectConfig"/>, <see cref="ProviderUnreachable"/>.</returns>
    public async Task<Outcome<AccountProfile>> FindAsync(
        AppProvider provider, ProviderEndpoints endpoints, TokenSet tokens, string? nonce, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(tokens);
        var definition = provider.Definition;
        var scope = definition.AllowInsecureLocal ? EgressScope.LoopbackToo : EgressScope.Public;
        AccountProfile? fromIdToken = null;
        string? subject = null;
        if (nonce is not null)
        {
            // OpenID Connect Core §3.1.3.7: checked in full, although it came over TLS; code injection shows in the nonce. Metadata that names no
            // keys does not switch the check off.
            if (endpoints.Issuer is not { } issuer
                || tokens.IdToken is null
                || !(await idTokens.VerifyAsync(issuer, endpoints.Jwks, provider.ClientId, nonce, tokens.IdToken, scope, cancellationToken)).Succeeded(out var claims, out _))
            {
                return new ConnectFlowInvalid();
            }

            subject = claims.TryGetValue("sub", out var sub) ? sub.GetString() : null;
            fromIdToken = Read(definition.Account, claims);
        }

        if (definition.Account.Url is { } url)
        {
            return await AskAsync(definition, url, tokens.AccessToken, scope, null, cancellationToken);
        }

        if (fromIdToken is not null && fromIdToken.Identifier != fromIdToken.AccountId)
        {
            return fromIdToken;
        }

        if (endpoints.Userinfo is { } userinfo && subject is not null)
        {
            var answer = await AskAsync(definition, userinfo, tokens.AccessToken, scope, subject, cancellationToken);
            return answer.Succeeded(out _, out _) || fromIdToken is null ? answer : fromIdToken;
        }

        return fromIdToken ?? new AccountProfile(OnlyAccount, "", null, null);
    }

    private async Task<Outcome<AccountProfile>> AskAsync(
        ProviderDefinition definition, Uri url, AccessToken token, EgressScope scope, string? subject, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Alter", "1")); // Some APIs refuse a request without one.
        EgressAnswer answer;
        try
        {
            answer = await egress.SendAsync(request, scope, TimeSpan.FromSeconds(10), cancellationToken);
        }
        catch (EgressException e)
        {
            return new ProviderUnreachable(e.Message, definition.Id);
        }

        if (answer.Status is 429 or >= 500)
        {
            return new ProviderUnreachable($"The provider answered {answer.Status} when asked for the account.", definition.Id);
        }

        try
        {
            using var document = JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = 32 });
            if (answer.Status is 200 && document.RootElement.ValueKind is JsonValueKind.Object)
            {
                var members = document.RootElement.EnumerateObject().GroupBy(m => m.Name).ToDictionary(g => g.Key, g => g.Last().Value.Clone());

                // OpenID Connect Core §5.3.2: a userinfo answer about another subject is not used.
                if ((subject is null || (members.TryGetValue("sub", out var sub) && sub.ValueKind is JsonValueKind.String && sub.GetString() == subject))
                    && Read(definition.Account, members) is { } profile)
                {
                    return profile;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not JSON, or text in it that is not Unicode. Falls through to the refusal: what came is not repeated.
        }

        return new ConnectConfig($"The provider does not say whose account was connected (status {answer.Status}). Check account and scopes of {definition.Id}.", definition.Id);
    }

    private static AccountProfile? Read(AccountDefinition account, IReadOnlyDictionary<string, JsonElement> members)
    {
        if (Text(members, account.Id) is not { Length: <= 1024 } id)
        {
            return null; // The id keys the grant: it is used whole or not at all.
        }

        if (account.IdWithin is { } within)
        {
            if (Text(members, within) is not { Length: <= 1024 } place || place.Contains('/', StringComparison.Ordinal))
            {
                // Two people of two workspaces may have this id: without its place it names neither, and with a slash in it the pair could read like another.
                return null;
            }

            id = $"{place}/{id}";
        }

        return new AccountProfile(
            id,
            Shown(Text(members, account.Identifier)) ?? Shown(id)!,
            Shown(Text(members, account.DisplayName)),
            Shown(Text(members, account.Email)));
    }

    private static string? Text(IReadOnlyDictionary<string, JsonElement> members, string path)
    {
        if (!members.TryGetValue(path, out var value))
        {
            // Not a member of that very name: dots lead inside.
            var steps = path.Split('.');
            if (!members.TryGetValue(steps[0], out value) || !steps.Skip(1).All(step => value.ValueKind is JsonValueKind.Object && value.TryGetProperty(step, out value)))
            {
                return null;
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { Length: > 0 } text => text,
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
    }

    // What people are shown holds no control or direction-changing characters and has an end.
    private static string? Shown(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var kept = new string([.. text.Where(c => !char.IsControl(c) && char.GetUnicodeCategory(c) is not System.Globalization.UnicodeCategory.Format).Take(AccountProfile.MaxLength)]).Trim();
        return kept.Length > 0 ? kept : null;
    }
}
