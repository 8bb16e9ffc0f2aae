using Alter.Providers;

namespace Alter.Apps;

/// <summary>Reads <c>sign_in</c> of an identity provider.</summary>
internal static class SignInReader
{
    private const string Example = "{ \"client_id\": \"alter\", \"client_secret\": { \"secret\": \"auth0-alter\" } }";

    public static SignInClient? Read(StrictObject identityProvider, bool local)
    {
        if (identityProvider.Object("sign_in", Example) is not { } entry)
        {
            return null;
        }

        var clientId = entry.Text("client_id", Forms.ClientId(), "1 to 500 visible ASCII characters", "\"alter\"", required: true);
        var isPublic = !entry.Has("client_secret");
        var secret = SecretReference.Read(entry, "client_secret", "{ \"secret\": \"auth0-alter\" }");
        var method = ProviderDefinitionReader.AuthMethod(entry);
        if (!entry.Has("token_endpoint_auth_method"))
        {
            method = isPublic ? TokenEndpointAuthMethod.None : method;
        }
        else if (isPublic != (method is TokenEndpointAuthMethod.None))
        {
            entry.Add("token_endpoint_auth_method", "\"none\" belongs to a client without secret, the others to one with.", "leave the member out");
        }

        var client = new SignInClient(
            clientId ?? "",
            secret.Name,
            method,
            Scopes(entry),
            ProviderDefinitionReader.Endpoint(entry, "token_endpoint", local, "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token"))
        {
            PreviousClientSecret = secret.Previous,
        };
        entry.Close();
        return client;
    }

    // OpenID Connect Core §3.1.2.1: without openid there is no id token, and nobody is named.
    private static IReadOnlyList<string> Scopes(StrictObject entry)
    {
        const string ScopesExample = "[\"email\"]";
        var scopes = entry.Texts("scopes", ScopesExample);
        foreach (var (at, scope) in scopes)
        {
            if (!Providers.Scopes.IsToken(scope, " ") || scope is "offline_access")
            {
                entry.Add(at, "A scope is visible ASCII without quotes, backslash and blanks; offline_access is of no use to a sign-in.", ScopesExample);
            }
        }

        return [.. scopes.Select(scope => scope.Text).Prepend("openid").Distinct()];
    }
}
