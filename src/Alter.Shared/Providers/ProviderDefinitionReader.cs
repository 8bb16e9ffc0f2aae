using System.Text.Json;
using System.Text.RegularExpressions;

namespace Alter.Providers;

/// <summary>Reads provider definitions strictly: the files of the catalogue and the <c>definition</c> of an app's own provider.</summary>
public static partial class ProviderDefinitionReader
{
    private const string HttpsExample = "https://login.acme.com/oauth/token";

    /// <summary>Parameters of the authorization request that the protocol owns; a definition that sets one would undo PKCE, state or the redirect URI.</summary>
    private static readonly HashSet<string> ProtocolParameters = new(StringComparer.OrdinalIgnoreCase)
    {
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code", "code_challenge", "code_challenge_method",
        "code_verifier", "request", "request_uri", "registration", "iss", "error", "grant_type", "dpop_jkt", "id_token_hint",
    };

    /// <summary>Reads one file of the catalogue.</summary>
    /// <returns>The definition, or null with at least one mistake.</returns>
    public static (ProviderDefinition? Definition, IReadOnlyList<ConfigurationMistake> Mistakes) Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var mistakes = new List<ConfigurationMistake>();
        var definition = StrictDocument.Open(json, mistakes) is { } document ? Read(document, null, mistakes) : null;
        return (mistakes.Count == 0 ? definition : null, mistakes);
    }

    /// <summary>Reads one definition object; null, with mistakes noted, where it cannot be used.</summary>
    /// <param name="document">The object.</param>
    /// <param name="id">The id where the object stands under one; null where it must name its own.</param>
    /// <param name="mistakes">The list the object adds to: a mistake anywhere in it makes the definition unusable.</param>
    internal static ProviderDefinition? Read(StrictObject document, string? id, List<ConfigurationMistake> mistakes)
    {
        var before = mistakes.Count;
        document.NotYet("parameters", "response_mode", "token_types", "logo", "policies", "branding");
        _ = document.Text("$schema", "provider.schema.json");
        var ownId = document.Text("id", IdForm(), "a letter, then at most 39 of a-z, 0-9, _ and -", "acme_erp", required: id is null);
        if (id is not null && ownId is not null && ownId != id)
        {
            document.Add("id", "It differs from the name the definition stands under.", id);
        }

        var local = document.Flag("allow_insecure_local");
        var because = document.Text("because", "default_scopes: a request without any scope is refused.");
        var issuer = Issuer(document, local);
        var account = document.Object("account", "{ \"id\": \"sub\" }") is { } accountObject ? Account(accountObject, local) : new AccountDefinition();
        var rotation = Rotation(document);
        var definition = new ProviderDefinition
        {
            Id = id ?? ownId ?? "",
            Name = document.Text("name", "Acme ERP", required: true, maxLength: 100) ?? "",
            Category = document.Text("category", IdForm(), "one lower-case word", "calendar") ?? "other",
            Documentation = Endpoint(document, "documentation", false, "https://acme.com/docs/oauth"),
            Issuer = issuer,
            AuthorizationEndpoint = Endpoint(document, "authorization_endpoint", local, "https://login.acme.com/oauth/authorize", required: !document.Has("issuer")),
            TokenEndpoint = Endpoint(document, "token_endpoint", local, HttpsExample, required: !document.Has("issuer")),
            RevocationEndpoint = Endpoint(document, "revocation_endpoint", local, HttpsExample),
            UserinfoEndpoint = Endpoint(document, "userinfo_endpoint", local, HttpsExample),
            JwksUri = Endpoint(document, "jwks_uri", local, HttpsExample),
            TokenEndpointAuthMethod = AuthMethod(document),
            Pkce = Pkce(document, because),
            AuthorizationResponseIssParameterSupported = document.Flag("authorization_response_iss_parameter_supported"),
            ApiHosts = ApiHosts(document, local, Explains(because, "api_hosts")),
            DefaultScopes = [.. document.Texts("default_scopes", "[\"orders.read\"]").Select(scope => scope.Text)],
            ScopeDescriptions = ScopeDescriptions(document),
            ScopeSeparator = document.Text("scope_separator", SeparatorForm(), "one blank, comma, semicolon or plus sign", "\" \"") ?? " ",
            ScopeParameter = ScopeParameter(document, because),
            AuthorizationParameters = Parameters(document),
            TokenAnswer = TokenAnswerReader.Read(document, Explains(because, "token_answer")),
            Account = account,
            Revocation = OneOf(document, "revocation", RevocationKind.Token, ("token", RevocationKind.Token), ("account", RevocationKind.Account), ("none", RevocationKind.None)),
            Rotation = rotation,
            RotationGrace = Grace(document, rotation),
            RefreshTokenIdleLifetime = document.Seconds("refresh_token_idle_seconds", 3600, 86400 * 730, "7776000"),
            BatchPaths = [.. document.Texts("batch_paths", "[\"/batch\"]").Select(path => path.Text)],
            AllowInsecureLocal = local,
            Because = because,
        };
        document.Close();
        ProviderDefinitionRules.Check(definition, document);
        return mistakes.Count == before ? definition : null;
    }

    private static string? Issuer(StrictObject document, bool local)
    {
        const string Example = "https://login.acme.com";
        if (document.Text("issuer", Example) is not { } issuer)
        {
            return null;
        }

        // RFC 8414 §2: https, no query, no fragment. The text itself is kept: issuers are compared byte for byte.
        if (IsEndpoint(issuer, local, out var url) && url.Query.Length == 0 && !issuer.Contains('?', StringComparison.Ordinal))
        {
            return issuer;
        }

        document.Add("issuer", "It must be an https URL without query, fragment and user name.", Example);
        return null;
    }

    /// <summary>An endpoint's URL.</summary>
    internal static Uri? Endpoint(StrictObject document, string name, bool local, string example, bool required = false)
    {
        if (document.Text(name, example, required) is not { } text)
        {
            return null;
        }

        if (IsEndpoint(text, local, out var url))
        {
            return url;
        }

        document.Add(name, "It must be an absolute https URL without fragment and user name; http only on this machine with allow_insecure_local.", example);
        return null;
    }

    private static bool IsEndpoint(string text, bool local, out Uri url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url!)
        && text.All(c => c is > ' ' and < '\x7f' and not '\\' and not '#')
        && Loopback.IsHttpsOrLocal(url, local)
        && url.UserInfo.Length == 0
        && (!Loopback.EndsInANumber(url.Host) || Loopback.Is(url));

    /// <summary>How a client authenticates at the token endpoint.</summary>
    internal static TokenEndpointAuthMethod AuthMethod(StrictObject document) =>
        OneOf(
            document,
            "token_endpoint_auth_method",
            TokenEndpointAuthMethod.ClientSecretBasic, // RFC 8414 §2: the default where it is left out.
            ("client_secret_basic", TokenEndpointAuthMethod.ClientSecretBasic),
            ("client_secret_post", TokenEndpointAuthMethod.ClientSecretPost),
            ("none", TokenEndpointAuthMethod.None));

    private static RotationKind Rotation(StrictObject document) =>
        OneOf(
            document,
            "rotation",
            RotationKind.Unknown,
            ("none", RotationKind.None),
            ("grace", RotationKind.Grace),
            ("strict", RotationKind.Strict),
            ("unknown", RotationKind.Unknown));

    private static TimeSpan Grace(StrictObject document, RotationKind rotation)
    {
        var grace = document.Seconds("rotation_grace_seconds", 1, 86400 * 30, "30");
        if (grace is null == (rotation is RotationKind.Grace))
        {
            document.Add("rotation_grace_seconds", "It belongs to rotation \"grace\", and only there.", "\"rotation\": \"grace\", \"rotation_grace_seconds\": 30");
        }

        return grace ?? TimeSpan.Zero;
    }

    private static bool Pkce(StrictObject document, string? because)
    {
        const string Example = "\"S256\", or false and \"because\": \"pkce: …\"";
        switch (document.Take("pkce", false, Example))
        {
            case null:
                return true;
            case { ValueKind: JsonValueKind.String } method when method.ValueEquals("S256"):
                return true;
            case { ValueKind: JsonValueKind.False } when Explains(because, "pkce"):
                return false;
            default:
                // RFC 9700 §2.1.1: PKCE is the defence against code injection; "plain" is none.
                document.Add("pkce", "It must be \"S256\"; false is possible only where 'because' says \"pkce: …\".", Example);
                return true;
        }
    }

    private static string ScopeParameter(StrictObject document, string? because)
    {
        const string Usual = "scope";
        const string Example = "\"user_scope\", and \"because\": \"scope_parameter: …\"";
        if (document.Text("scope_parameter", ParameterForm(), "the name of a parameter", Example) is not { } name || name == Usual)
        {
            return Usual;
        }

        if (ProtocolParameters.Contains(name))
        {
            document.Add("scope_parameter", "It would override a parameter of the protocol.", Example);
        }
        else if (!Explains(because, "scope_parameter"))
        {
            document.Add("scope_parameter", "Another than \"scope\" is possible only where 'because' says \"scope_parameter: …\".", Example);
        }

        return name;
    }

    /// <summary>A reason given for one oddity is none for another: it must name the member.</summary>
    private static bool Explains(string? because, string member) => because is not null && because.Contains(member + ":", StringComparison.Ordinal);

    private static List<string> ApiHosts(StrictObject document, bool local, bool explained)
    {
        const string Example = "[\"api.acme.com\"]";
        var hosts = new List<string>();
        foreach (var (name, host) in document.Texts("api_hosts", Example, required: true))
        {
            if (ApiHost.Fault(host, local, explained) is { } fault)
            {
                document.Add(name, fault, Example);
            }

            hosts.Add(host);
        }

        return hosts;
    }

    private static Dictionary<string, string> ScopeDescriptions(StrictObject document)
    {
        const string Example = "{ \"orders.read\": \"See your orders\" }";
        var descriptions = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (scope, members) in document.Object("scope_descriptions", Example) is { } all ? all.Names.Select(name => (name, all)) : [])
        {
            if (members.Text(scope, "See your orders", maxLength: 200) is { } description)
            {
                descriptions[scope] = description;
            }
        }

        return descriptions;
    }

    private static Dictionary<string, string> Parameters(StrictObject document)
    {
        const string Example = "{ \"access_type\": \"offline\" }";
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (document.Object("authorization_parameters", Example) is not { } members)
        {
            return parameters;
        }

        foreach (var name in members.Names)
        {
            if (!ParameterForm().IsMatch(name) || ProtocolParameters.Contains(name))
            {
                members.Add(name, "It would override a parameter of the protocol, or is no parameter name. Only answers in the query are supported.", Example);
                _ = members.Take(name, false, Example);
            }
            else if (members.Text(name, "offline", maxLength: 500) is { } value)
            {
                parameters[name] = value;
            }
        }

        return parameters;
    }

    private static AccountDefinition Account(StrictObject account, bool local)
    {
        var usual = new AccountDefinition();
        var definition = new AccountDefinition
        {
            Url = Endpoint(account, "url", local, "https://api.acme.com/v1/me"),
            Id = Member("id") ?? usual.Id,
            IdWithin = Member("id_within"),
            Identifier = Member("identifier") ?? usual.Identifier,
            DisplayName = Member("display_name") ?? usual.DisplayName,
            Email = Member("email") ?? usual.Email,
        };
        account.Close();
        return definition;

        string? Member(string name) => account.Text(name, MemberForm(), "member names joined by dots", "\"data.id\"");
    }

    private static T OneOf<T>(StrictObject document, string name, T otherwise, params (string Word, T Value)[] choices)
    {
        var words = string.Join(", ", choices.Select(choice => $"\"{choice.Word}\""));
        if (document.Text(name, words) is not { } text)
        {
            return otherwise;
        }

        foreach (var (word, value) in choices)
        {
            if (word == text)
            {
                return value;
            }
        }

        document.Add(name, "This version does not support it.", $"one of {words}");
        return otherwise;
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,39}\z")]
    private static partial Regex IdForm();

    [GeneratedRegex(@"^[ ,;+]\z")]
    private static partial Regex SeparatorForm();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_.-]{0,63}\z")]
    private static partial Regex ParameterForm();

    [GeneratedRegex(@"^[^\s.]{1,100}(\.[^\s.]{1,100}){0,7}\z")]
    private static partial Regex MemberForm();
}
