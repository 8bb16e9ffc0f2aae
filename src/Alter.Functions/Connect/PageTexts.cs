using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Alter.Functions.Connect;

/// <summary>Everything the pages say, from <c>Pages/texts.json</c>: scripts import it as a module, html names it as <c>{{section.name}}</c>.</summary>
internal sealed partial class PageTexts(byte[] json)
{
    internal const string OtherFailure = "other";

    private readonly JsonNode texts = JsonNode.Parse(json)!;

    /// <summary>The codes connect-failed.html has words of its own for.</summary>
    internal static readonly string[] FailureCodes =
        ["connect_session_expired", "connect_session_used", "provider_unreachable", "provider_timeout", "vault_unavailable", OtherFailure];

    /// <summary>The codes wallet-failed.html has words of its own for.</summary>
    internal static readonly string[] WalletFailureCodes =
        ["connect_denied", "connect_config", "provider_unreachable", "provider_timeout", "vault_unavailable", OtherFailure];

    /// <summary>A JavaScript module whose default export is the texts.</summary>
    internal byte[] AsModule() => Encoding.UTF8.GetBytes($"export default {texts.ToJsonString()};\n");

    /// <summary>The html with its words; where a template says <c>{{this.name}}</c> the name is looked up in <paramref name="section"/>.</summary>
    internal string FillIn(string html, string section = "") => Placeholder().Replace(html, match =>
    {
        var name = match.Groups[1].Value;
        var text = (name.StartsWith("this.", StringComparison.Ordinal) ? section + name["this".Length..] : name)
            .Split('.')
            .Aggregate((JsonNode?)texts, (node, part) => node?[part]);
        return HtmlEncoder.Default.Encode((string?)text ?? throw new InvalidOperationException($"texts.json has no {name}."));
    });

    [GeneratedRegex(@"\{\{([a-z_.]+)\}\}")]
    private static partial Regex Placeholder();
}
