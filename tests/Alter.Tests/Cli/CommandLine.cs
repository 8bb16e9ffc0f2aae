using System.CommandLine;
using Alter.Cli;
using Azure.Core;
using Azure.Identity;

namespace Alter.Tests.Cli;

/// <summary>An operator's machine: a folder of its own with a document, an environment, and what is typed.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-cli-");

    public Dictionary<string, string> Environment { get; } = [];

    public Func<Uri, Azure.Security.KeyVault.Secrets.SecretClient> KeyVault { get; set; } = _ => throw new InvalidOperationException("No Key Vault is to be asked.");

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Who signed in; null: nobody.</summary>
    public TokenCredential? Credential { get; set; }

    public Uri LogsApi { get; set; } = new("http://127.0.0.1:9/");

    public string PathOf(string name) => Path.Combine(folder.FullName, name);

    public CommandLine Has(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return this;
    }

    public async Task<(int Exit, string Output)> RunAsync(string[] arguments, string input = "", CancellationToken? cancellationToken = null)
    {
        using var output = new StringWriter();
        using var typed = new StringReader(input);
        var tools = new OperatorTools(Time) { Folder = folder.FullName, Variables = Environment, KeyVault = uri => KeyVault(uri), Credential = () => Credential ?? new NotSignedIn(), LogsApi = LogsApi, Input = typed };
        var configuration = new InvocationConfiguration { Output = output, Error = output };
        var exit = await AlterCommand.Of(tools).Parse(arguments).InvokeAsync(configuration, cancellationToken ?? TestContext.Current.CancellationToken);
        return (exit, output.ToString());
    }

    public void Dispose() => folder.Delete(recursive: true);

    private sealed class NotSignedIn : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("Nobody signed in.");

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new CredentialUnavailableException("Nobody signed in.");
    }
}
