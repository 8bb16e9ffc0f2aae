using Microsoft.Extensions.Options;

namespace Alter.Sdk;

/// <summary>All mistakes at once, each with its path, what is wrong and an example; never the value of the key.</summary>
internal sealed class AlterOptionsRules : IValidateOptions<AlterOptions>
{
    internal const string KeyPrefix = "alter_key_app_";
    private const int MaxCallerLength = 200;

    /// <summary>Azure's front end answers 504 after 230 s of silence: our own answer must come first.</summary>
    private static readonly TimeSpan LongestHeaderTimeout = TimeSpan.FromSeconds(220);

    public ValidateOptionsResult Validate(string? name, AlterOptions options)
    {
        var mistakes = MistakesOf(options).ToList();
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    internal static IEnumerable<string> MistakesOf(AlterOptions options)
    {
        foreach (var mistake in options.Mistakes)
        {
            yield return mistake;
        }

        if (options.BaseUrl is not { } url)
        {
            yield return "Alter:BaseUrl is missing: the vault's public URL, such as https://vault.example.com.";
        }
        else if (!url.IsAbsoluteUri || !IsSafe(url) || url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0)
        {
            yield return "Alter:BaseUrl must be an absolute https URL without query, fragment or credentials, such as https://vault.example.com; http on loopback only.";
        }

        if (string.IsNullOrEmpty(options.ApiKey))
        {
            yield return $"Alter:ApiKey is missing: the app key {KeyPrefix}…, for instance from the environment variable Alter__ApiKey.";
        }
        else if (!options.ApiKey.StartsWith(KeyPrefix, StringComparison.Ordinal) || !HeaderText.IsToken(options.ApiKey))
        {
            yield return $"Alter:ApiKey is not an app key: it begins with {KeyPrefix} and has no spaces.";
        }

        if (!Enum.IsDefined(options.ForeignHosts))
        {
            yield return "Alter:ForeignHosts must be Refuse or SendWithoutCredentials.";
        }

        if (options.Caller is { } caller && (caller.Length > MaxCallerLength || !HeaderText.IsPlain(caller)))
        {
            yield return $"Alter:Caller must have at most {MaxCallerLength} printable ASCII characters, such as nightly-sync.";
        }

        if (options.HeaderTimeout < TimeSpan.FromSeconds(1) || options.HeaderTimeout > LongestHeaderTimeout)
        {
            yield return "Alter:HeaderTimeout must lie between 1 and 220 seconds, such as 00:02:00.";
        }

        if (options.TimeProvider is null)
        {
            yield return "Alter:TimeProvider must not be null.";
        }
    }

    /// <summary>Whether the key may travel there: over TLS, or within this machine.</summary>
    internal static bool IsSafe(Uri url) => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);
}
