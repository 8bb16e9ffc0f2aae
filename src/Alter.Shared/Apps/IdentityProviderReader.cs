using System.Text.RegularExpressions;
using Alter.Providers;

namespace Alter.Apps;

/// <summary>Reads one entry of <c>identity_providers</c>.</summary>
internal static partial class IdentityProviderReader
{
    private const string Template = "{tenantid}";

    /// <summary>Types that are signed by the same keys but are no user's token (OpenID Connect Back-Channel Logout §2.4, RFC 8417, RFC 9449).</summary>
    private static readonly HashSet<string> ForeignTypes = new(StringComparer.OrdinalIgnoreCase) { "logout+jwt", "secevent+jwt", "dpop+jwt" };

    /// <summary>OpenID Connect Core §5.7: these must not be used as identifiers. upn and unique_name are Entra's.</summary>
    private static readonly HashSet<string> ChangeableClaims = new(StringComparer.OrdinalIgnoreCase)
    {
        "preferred_username", "nickname", "name", "given_name", "family_name", "phone_number", "upn", "unique_name",
    };

    public static IdentityProviderConfiguration? Read(string id, StrictObject entry, ReadingContext context)
    {
        var before = context.Mistakes.Count;
        entry.NotYet("roles_claim", "on_logout", "policies");
        var local = entry.Flag("allow_insecure_local");
        if (local && !context.AllowsLocal)
        {
            entry.Add("allow_insecure_local", "It needs Development, a loopback public URL and no Azure.", "remove the member, use https");
        }

        var usual = new IdentityProviderConfiguration { Id = id, Issuer = "" };
        var configuration = new IdentityProviderConfiguration
        {
            Id = id,
            Kind = entry.Text("kind", Forms.Id(), Forms.IdWords, "\"oidc\"") ?? usual.Kind,
            Issuer = Issuer(entry, local) ?? "",
            Audiences = Texts(entry, "audiences", "[\"https://api.acme.com\"]"),
            AuthorizedParties = Texts(entry, "authorized_parties", "[\"https://shop.acme.com\"]"),
            UserIdClaim = entry.Text("user_id_claim", ClaimForm(), "the name of one claim", "\"sub\"") ?? usual.UserIdClaim,
            RequireEmailVerified = entry.Flag("require_email_verified"),
            AllowedTenants = Texts(entry, "allowed_tenants", "[\"72f988bf-86f1-41af-91ab-2d7cd011db47\"]"),
            TokenTypes = TokenTypes(entry) ?? usual.TokenTypes,
            MaxTokenLifetime = entry.Seconds("max_token_lifetime_seconds", 60, 7 * 86400, "86400") ?? usual.MaxTokenLifetime,
            GroupsClaim = entry.Text("groups_claim", ClaimForm(), "the name of one claim", "\"groups\""),
            AllowInsecureLocal = local,
            SignIn = SignInReader.Read(entry, local),
        };
        entry.Close();
        CheckTogether(configuration, entry);
        return context.Mistakes.Count == before ? configuration : null;
    }

    private static void CheckTogether(IdentityProviderConfiguration configuration, StrictObject entry)
    {
        if (configuration.Audiences.Count == 0 && configuration.AuthorizedParties.Count == 0)
        {
            // Else every token the issuer ever makes, for whatever client, would name a user here.
            entry.Add("audiences", "Audiences or authorized_parties must be named: whom tokens are for.", "[\"https://api.acme.com\"]");
        }

        if (configuration.UserIdClaim is "email" && !configuration.RequireEmailVerified)
        {
            entry.Add("user_id_claim", "An address can be claimed unverified and be given to another person.", "\"sub\", or require_email_verified: true");
        }

        if (ChangeableClaims.Contains(configuration.UserIdClaim))
        {
            entry.Add("user_id_claim", "People can change it, and then take another's.", "\"sub\"");
        }

        var templated = configuration.Issuer.Contains(Template, StringComparison.Ordinal);
        if (templated && configuration.AllowedTenants.Count == 0)
        {
            entry.Add("allowed_tenants", "An issuer of all tenants needs the list of those accepted.", "[\"72f988bf-86f1-41af-91ab-2d7cd011db47\"]");
        }
        else if (!templated && configuration.AllowedTenants.Count > 0 && configuration.Issuer.Length > 0)
        {
            entry.Add("allowed_tenants", $"The issuer has no {Template} that a tenant could fill.", $"\"issuer\": \"https://login.microsoftonline.com/{Template}/v2.0\"");
        }

        if (!configuration.AllowedTenants.All(tenant => TenantForm().IsMatch(tenant)))
        {
            entry.Add("allowed_tenants", "A tenant is an id of letters, digits and hyphens.", "[\"72f988bf-86f1-41af-91ab-2d7cd011db47\"]");
        }
    }

    private static string? Issuer(StrictObject entry, bool local)
    {
        const string Example = "https://acme.eu.auth0.com/";
        if (entry.Text("issuer", Example, required: true) is not { } issuer)
        {
            return null;
        }

        // The template may stand for one whole segment of the path, never in the host.
        var plain = TemplateSegment().Replace(issuer, "/tenant");
        if (IssuerForm().IsMatch(plain) && Uri.TryCreate(plain, UriKind.Absolute, out var url) && Loopback.IsHttpsOrLocal(url, local) && AppOrigin.IsAsWritten(url, plain))
        {
            return issuer;
        }

        entry.Add("issuer", "It must be an https URL without query and fragment; http only on this machine with allow_insecure_local.", Example);
        return null;
    }

    private static IReadOnlyList<string>? TokenTypes(StrictObject entry)
    {
        const string Example = "[\"JWT\", \"at+jwt\"]";
        var types = entry.Texts("token_types", Example);
        foreach (var (name, type) in types)
        {
            if (!TypeForm().IsMatch(type) || ForeignTypes.Contains(type))
            {
                entry.Add(name, "It must be the typ of a user's token.", Example);
            }
        }

        return types.Count == 0 ? null : [.. types.Select(type => type.Text)];
    }

    private static List<string> Texts(StrictObject entry, string name, string example) => [.. entry.Texts(name, example).Select(value => value.Text)];

    [GeneratedRegex(@"^https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?(/[A-Za-z0-9._~%/-]*)?\z")]
    private static partial Regex IssuerForm();

    [GeneratedRegex(@"(?<=[^/])/\{tenantid\}(?=/|\z)")]
    private static partial Regex TemplateSegment();

    [GeneratedRegex(@"^[A-Za-z0-9_:/.-]{1,200}\z")]
    private static partial Regex ClaimForm();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9-]{0,99}\z")]
    private static partial Regex TenantForm();

    [GeneratedRegex(@"^[A-Za-z0-9.+-]{1,60}\z")]
    private static partial Regex TypeForm();
}
