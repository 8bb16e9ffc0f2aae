using Alter.Cli;
using Alter.Cli.Keys;
using Alter.Keys;
using Alter.Storage;
using Alter.Tests.Apps;

namespace Alter.Tests.Cli;

/// <summary>A developer's machine from which a deployment is operated: what is this machine's is not taken for the deployment's.</summary>
public sealed class DeployedSettingsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-cli-");
    private readonly Dictionary<string, string> environment = [];

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Addresses_of_a_deployments_storage_beat_the_emulators_connection_string_in_the_file()
    {
        Has("local.settings.json", """{ "IsEncrypted": false, "Values": { "AlterStorage": "UseDevelopmentStorage=true" } }""");
        Assert.NotNull(AlterStorageOptions.From(Settings().All)!.ConnectionString);
        Assert.False(Settings().HasDeployedStorage);

        IsDeployed();
        Assert.Equal(new Uri("https://stalter.table.core.windows.net"), AlterStorageOptions.From(Settings().All)!.Tables);
        Assert.True(Settings().HasDeployedStorage);

        environment["AlterStorage"] = "UseDevelopmentStorage=true"; // Said in the environment, it is meant.
        Assert.NotNull(AlterStorageOptions.From(Settings().All)!.ConnectionString);
    }

    [Fact]
    public void The_key_of_this_machine_is_never_taken_for_that_of_a_deployments_storage()
    {
        Directory.CreateDirectory(Path.Combine(folder.FullName, "state"));
        Has("state/kek", new string('a', 64));
        environment["ALTER_STATE_DIRECTORY"] = Path.Combine(folder.FullName, "state");
        Assert.IsType<LocalKeySource>(Open(out _));

        IsDeployed();
        Assert.Null(Open(out var fault));
        Assert.Contains("Set ALTER_KEK_VAULT_URI", fault, StringComparison.Ordinal);

        environment["ALTER_KEK_VAULT_URI"] = "https://kv-kek.vault.azure.net";
        Assert.IsType<KeyVaultKeySource>(Open(out _));
    }

    [Fact]
    public void The_azd_environments_address_makes_the_document_a_deployments()
    {
        Assert.False(Document().IsDeployed);

        environment["ALTER_PUBLIC_ORIGIN"] = "https://func-alter.azurewebsites.net";
        Assert.True(Document().IsDeployed);
    }

    private void IsDeployed()
    {
        environment["AlterStorage__tableServiceUri"] = "https://stalter.table.core.windows.net";
        environment["AlterStorage__queueServiceUri"] = "https://stalter.queue.core.windows.net";
    }

    private IKeySource? Open(out string fault) => new KeyVersions(Tools(), Settings()).Open(Document(), out fault);

    private OperatorDocument Document()
    {
        Has("alter.json", $$"""
            {
              "apps": {
                "shop": {
                  "name": "Acme Shop", "owner": "app", "keys": [{ "id": "k1", "sha256": "{{Documents.DigestOne}}" }],
                  "providers": { "google": { "client_id": "1.apps.googleusercontent.com", "client_secret": { "secret": "shop-google" } } } } }
            }
            """);
        return OperatorDocument.Read(Tools(), Settings(), "alter.json", publicUrl: null);
    }

    private OperatorSettings Settings() => OperatorSettings.Read(Tools());

    private OperatorTools Tools() => new(TimeProvider.System)
    {
        Folder = folder.FullName,
        Variables = environment,
        KeyVault = uri => new Azure.Security.KeyVault.Secrets.SecretClient(uri, new Azure.Identity.AzureCliCredential()),
    };

    private void Has(string name, string text) => File.WriteAllText(Path.Combine(folder.FullName, name), text);
}
