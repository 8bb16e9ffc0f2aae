namespace Alter.Providers;

/// <summary>What must hold between the members of a definition.</summary>
internal static class ProviderDefinitionRules
{
    public static void Check(ProviderDefinition definition, StrictObject document)
    {
        if (definition.ApiHosts.Count == 0 && document.Has("api_hosts"))
        {
            document.Add("api_hosts", "It must name at least one host.", "[\"api.acme.com\"]");
        }

        if (!definition.Pkce && definition.TokenEndpointAuthMethod is TokenEndpointAuthMethod.None)
        {
            // RFC 9700 §2.1.1: public clients must use PKCE; nothing else ties the code to them.
            document.Add("pkce", "A client without secret cannot go without PKCE.", "\"S256\"");
        }

        if (definition.AuthorizationResponseIssParameterSupported && definition.Issuer is null)
        {
            document.Add("authorization_response_iss_parameter_supported", "Without an issuer there is nothing to compare iss with.", "\"issuer\": \"https://login.acme.com\"");
        }

        if (definition.JwksUri is not null && definition.Issuer is null)
        {
            document.Add("jwks_uri", "Id tokens name an issuer; it is missing.", "\"issuer\": \"https://login.acme.com\"");
        }

        if (!definition.DefaultScopes.All(scope => Scopes.IsToken(scope, definition.ScopeSeparator)))
        {
            document.Add("default_scopes", "A scope is visible ASCII without quotes, backslash and the separator.", "[\"orders.read\"]");
        }

        if (definition.AuthorizationParameters.ContainsKey(definition.ScopeParameter))
        {
            document.Add("authorization_parameters", "It has the scope parameter in it: the scopes are the app's to choose.", "default_scopes");
        }

        if (!definition.ScopeDescriptions.Keys.All(scope => Scopes.IsToken(scope, definition.ScopeSeparator)))
        {
            document.Add("scope_descriptions", "Its names are scopes: visible ASCII without quotes, backslash and the separator.", "{ \"orders.read\": \"See your orders\" }");
        }

        if (definition.Revocation is RevocationKind.None && definition.RevocationEndpoint is not null)
        {
            document.Add("revocation_endpoint", "revocation \"none\" says there is no such endpoint.", "\"revocation\": \"token\"");
        }

        for (var at = 0; at < definition.BatchPaths.Count; at++)
        {
            var path = definition.BatchPaths[at];
            if (path[0] != '/' || !path.All(c => c is > ' ' and < '\x7f'))
            {
                document.Add($"batch_paths[{at}]", "It must be a path that begins with a slash.", "\"/batch\"");
            }
        }
    }
}
