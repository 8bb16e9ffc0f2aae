using System.Text.RegularExpressions;

namespace Alter.Apps;

/// <summary>The forms of the document's words, each with the words that describe it.</summary>
public static partial class Forms
{
    internal const string IdWords = "a lower-case letter, then at most 39 of a-z, 0-9, _ and -";
    internal const string KeyIdWords = "1 to 40 of a-z, 0-9, _ and -";
    internal const string SecretNameWords = "the name of a secret, 1 to 100 of a-z, 0-9 and -, never the secret itself";

    /// <summary>Apps, providers, identity providers. They stand in URLs and table keys as they are.</summary>
    [GeneratedRegex(@"^[a-z][a-z0-9_-]{0,39}\z")]
    public static partial Regex Id();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9_-]{0,39}\z")]
    internal static partial Regex KeyId();

    /// <summary>What Key Vault allows as a name, lower case, so that it maps to one setting name.</summary>
    [GeneratedRegex(@"^[a-z0-9-]{1,100}\z")]
    internal static partial Regex SecretName();

    /// <summary>RFC 6749 A.1: <c>*VSCHAR</c>.</summary>
    [GeneratedRegex(@"^[ -~]{1,500}\z")]
    internal static partial Regex ClientId();

    [GeneratedRegex(@"^[0-9a-f]{64}\z")]
    internal static partial Regex Sha256();
}
