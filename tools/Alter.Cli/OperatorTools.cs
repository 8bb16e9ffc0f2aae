using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

namespace Alter.Cli;

/// <summary>What the commands use of the machine they run on.</summary>
internal sealed record OperatorTools(TimeProvider Time)
{
    /// <summary>Where paths begin and the checkout is looked for.</summary>
    public string Folder { get; init; } = Environment.CurrentDirectory;

    /// <summary>The process's environment.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = FromProcess();

    /// <summary>The operator who signed in with <c>az login</c> or <c>azd auth login</c>: the vault's managed identity exists in Azure alone.</summary>
    public static TokenCredential Operator { get; } = new ChainedTokenCredential(new AzureCliCredential(), new AzureDeveloperCliCredential());

    /// <summary>Key Vault as the operator.</summary>
    public Func<Uri, SecretClient> KeyVault { get; init; } = uri => new SecretClient(uri, Operator);

    /// <summary>The same operator, for the vault's storage account.</summary>
    public Func<TokenCredential> Credential { get; init; } = () => Operator;

    /// <summary>Where Log Analytics is queried.</summary>
    public Uri LogsApi { get; init; } = new("https://api.loganalytics.io/");

    /// <summary>Standard input.</summary>
    public TextReader Input { get; init; } = Console.In;

    private static Dictionary<string, string> FromProcess() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
}
