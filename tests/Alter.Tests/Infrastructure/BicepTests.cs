using System.Text.RegularExpressions;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

public sealed partial class BicepTests(CompiledTemplate template) : IClassFixture<CompiledTemplate>
{
    [Fact]
    public void The_template_compiles_without_a_warning()
    {
        BicepCompiler.SkipWhereItCannotRun();

        Assert.Equal("", template.Said.Trim());
        Assert.Equal(0, template.ExitCode);
    }

    [Fact]
    public async Task Every_template_file_lints_without_a_finding_and_is_formatted()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var files = Repository.Files("infra", ".bicep");
        Assert.NotEmpty(files);

        var lint = await BicepCompiler.RunAsync(["lint", "--pattern", Repository.PathOf("infra/**/*.bicep")], TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (lint.ExitCode, lint.Said.Trim()));

        // It formats files where they are: a copy of them, in a folder with their settings.
        var folder = Directory.CreateTempSubdirectory("alter-bicep-");
        try
        {
            File.Copy(Repository.PathOf("infra/bicepconfig.json"), Path.Combine(folder.FullName, "bicepconfig.json"));
            await Task.WhenAll(files.Select(file => File.WriteAllTextAsync(Copy(file.Path), file.Text, TestContext.Current.CancellationToken)));
            var format = await BicepCompiler.RunAsync(["format", "--pattern", Copy("*.bicep")], TestContext.Current.CancellationToken);
            Assert.Equal((0, ""), (format.ExitCode, format.Said.Trim()));
            Assert.All(files, file => Assert.Equal(file.Text, File.ReadAllText(Copy(file.Path))));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        string Copy(string path) => Path.Combine(folder.FullName, Path.GetFileName(path));
    }

    [Fact]
    public void No_key_opens_a_storage_account()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var accounts = template.OfType("Microsoft.Storage/storageAccounts");

        Assert.Equal(2, accounts.Count);
        Assert.All(accounts, account =>
        {
            Assert.False(account.Properties["allowSharedKeyAccess"]!.GetValue<bool>());
            Assert.False(account.Properties["allowBlobPublicAccess"]!.GetValue<bool>());
            Assert.True(account.Properties["supportsHttpsTrafficOnly"]!.GetValue<bool>());
            Assert.Equal("TLS1_2", account.Properties["minimumTlsVersion"]!.GetValue<string>());
        });
        Assert.DoesNotContain(template.Templates, one => KeyFunctions().IsMatch(one.Json.ToJsonString()));
    }

    [Fact]
    public void The_app_takes_https_only_and_no_publishing_password()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var app = Assert.Single(template.OfType("Microsoft.Web/sites"));

        Assert.True(app.Properties["httpsOnly"]!.GetValue<bool>());
        Assert.Equal("1.2", app.Properties["siteConfig"]!["minTlsVersion"]!.GetValue<string>());
        Assert.Equal(2, template.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies").Count(policy => !policy.Properties["allow"]!.GetValue<bool>()));
    }

    [Fact]
    public void Telemetry_cannot_be_written_with_a_key()
    {
        BicepCompiler.SkipWhereItCannotRun();

        Assert.True(Assert.Single(template.OfType("Microsoft.Insights/components")).Properties["DisableLocalAuth"]!.GetValue<bool>());
        Assert.All(template.OfType("Microsoft.OperationalInsights/workspaces"), workspace => Assert.True(workspace.Properties["features"]!["disableLocalAuth"]!.GetValue<bool>()));
    }

    [Fact]
    public void The_first_key_is_random_and_an_existing_one_is_left_alone()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var secret = Assert.Single(template.OfType("Microsoft.KeyVault/vaults/secrets"));
        var root = template.Templates[0];

        Assert.True(secret.Json["@options"]!.AsObject().ContainsKey("onlyIfNotExists"));
        Assert.Equal(["firstKeyHalf", "firstKeyOtherHalf"], root.SecureParameters);
        Assert.All(root.SecureParameters, name => Assert.Equal("[newGuid()]", root.Json["parameters"]![name]!["defaultValue"]!.GetValue<string>()));
        Assert.Equal(
            "[format('{0}{1}', replace(parameters('firstKeyHalf'), '-', ''), replace(parameters('firstKeyOtherHalf'), '-', ''))]",
            root.Resources.Single(module => module.Json["properties"]?["parameters"]?["firstKey"] is not null).Properties["parameters"]!["firstKey"]!["value"]!.GetValue<string>());
        Assert.Equal(["firstKey"], secret.Template.SecureParameters);
        Assert.Equal("[toLower(parameters('firstKey'))]", secret.Properties["value"]!.GetValue<string>());
    }

    [Fact]
    public void Key_vaults_go_by_roles_and_cannot_be_purged_unless_a_parameter_says_otherwise()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var vaults = template.OfType("Microsoft.KeyVault/vaults");

        Assert.Equal(2, vaults.Count);
        Assert.All(vaults, vault =>
        {
            Assert.True(vault.Properties["enableRbacAuthorization"]!.GetValue<bool>());
            // Key Vault refuses `false`.
            Assert.Equal("[if(parameters('purgeProtection'), true(), null())]", vault.Properties["enablePurgeProtection"]!.GetValue<string>());
        });
        Assert.True(template.Main.Json["parameters"]!["purgeProtection"]!["defaultValue"]!.GetValue<bool>());
    }

    [Fact]
    public void No_output_carries_a_secret()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var outputs = template.Templates.SelectMany(one => one.Outputs.Select(output => (one, output))).ToList();

        Assert.NotEmpty(outputs);
        Assert.All(outputs, pair =>
        {
            var value = pair.output.Value!["value"]!.ToJsonString();
            Assert.DoesNotMatch(KeyFunctions(), value);
            Assert.DoesNotMatch(SecretProperties(), value);
            Assert.All(pair.one.SecureParameters, name => Assert.DoesNotContain($"parameters('{name}')", value, StringComparison.Ordinal));
        });
    }

    [Fact]
    public void Settings_are_addresses_and_identities_and_leave_out_what_flex_consumption_forbids()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var config = Assert.Single(template.OfType("Microsoft.Web/sites/config"));
        var settings = config.Json["properties"]!.GetValue<string>();
        var names = SettingNames().Matches(settings).Select(match => match.Groups["name"].Value).ToHashSet();

        Assert.Superset(
            new HashSet<string>
            {
                "AzureWebJobsStorage__blobServiceUri", "AzureWebJobsStorage__queueServiceUri", "AzureWebJobsStorage__tableServiceUri",
                "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId",
                "AlterStorage__tableServiceUri", "AlterStorage__queueServiceUri", "AlterStorage__credential", "AlterStorage__clientId",
                "ALTER_KEK_VAULT_URI", "ALTER_SECRETS_VAULT_URI", "ALTER_PUBLIC_URL", "ALTER_RATE_INSTANCES", "ALTER_SUSPENDED", "AZURE_CLIENT_ID",
                "AzureWebJobsDisableHomepage", "DOTNET_EnableDiagnostics", "DOTNET_GCgen0size",
            },
            names);
        Assert.Empty(names.Intersect(
        [
            "AzureWebJobsStorage", "AlterStorage", "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_TIME_ZONE", "TZ",
        ]));
        Assert.Empty(config.Template.SecureParameters);
    }

    // Owner, Contributor and their like never appear; a new right has to be written here as well, and so be thought of twice.
    [Fact]
    public void The_app_has_these_rights_and_no_other()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var assignments = template.OfType("Microsoft.Authorization/roleAssignments");
        var rights =
            (from assignment in assignments
             where assignment.Properties["principalId"]!.GetValue<string>() == "[parameters('appPrincipalId')]"
             let role = assignment.Template.Resolve(assignment.Properties["roleDefinitionId"]!).GetValue<string>()
             select $"{ResourcePrefix().Match(assignment.Json["scope"]!.GetValue<string>()).Value} {RoleId().Match(role).Value}").ToList();

        Assert.Equal(
            [
                "appi-alter- 3913510d-42f4-4e42-8a64-420c390055eb", // Monitoring Metrics Publisher
                "kv-kek- 4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
                "kv-oauth- 4633458b-17de-408a-b874-0445c86b69e6", // Key Vault Secrets User
                "stalter 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
                "stalter 974c5e8b-45b9-4653-ba55-5f855dd0fb88", // Storage Queue Data Contributor
                "sthost 0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", // Storage Table Data Contributor
                "sthost b7e6dc6d-f1e8-4753-8033-0f276bb0955b", // Storage Blob Data Owner
            ],
            rights.Order(StringComparer.Ordinal));
        Assert.Equal(DeployPage.AppRights().Order(StringComparer.Ordinal), rights.Order(StringComparer.Ordinal));
        Assert.All(assignments, assignment => Assert.NotNull(assignment.Json["scope"]));
        Assert.DoesNotContain(template.Templates, one => BroadRoles().IsMatch(one.Json.ToJsonString()));
    }

    [GeneratedRegex(@"\blist(Keys|AccountSas|ServiceSas|Credentials|Secrets?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex KeyFunctions();

    [GeneratedRegex("ConnectionString|InstrumentationKey|sharedKey|primaryKey", RegexOptions.IgnoreCase)]
    private static partial Regex SecretProperties();

    [GeneratedRegex(@"'(?<name>[A-Za-z]\w+)', ")]
    private static partial Regex SettingNames();

    [GeneratedRegex(@"(?<=format\(')[a-z-]+")]
    private static partial Regex ResourcePrefix();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex RoleId();

    // Owner, Contributor, User Access Administrator, Role Based Access Control Administrator, Key Vault Administrator.
    [GeneratedRegex("8e3af657-a8ff-443c-a75c-2fe8c4bcb635|b24988ac-6180-42a0-ab88-20f7382dd24c|18d7d88d-d35e-4fb5-a5c3-7773c20a72d9|f58310d9-a9f6-439a-9e8d-f62e7b41a168|00482a5a-887f-4fb3-b363-3b7fe8e74483")]
    private static partial Regex BroadRoles();
}
