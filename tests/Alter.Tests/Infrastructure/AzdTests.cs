using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alter.Cli;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

/// <summary>What the Azure Developer CLI finds: the app, the parameters, the hooks.</summary>
public sealed partial class AzdTests(CompiledTemplate template) : IClassFixture<CompiledTemplate>
{
    private static readonly string Azd = File.ReadAllText(Repository.PathOf("azure.yaml")).ReplaceLineEndings("\n");

    private static readonly Dictionary<string, string> Given = JsonNode.Parse(File.ReadAllText(Repository.PathOf("infra/main.parameters.json")))!["parameters"]!.AsObject()
        .ToDictionary(parameter => parameter.Key, parameter => parameter.Value!["value"]!.GetValue<string>());

    [Fact]
    public void Azd_finds_its_group_and_its_app()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var app = Assert.Single(template.OfType("Microsoft.Web/sites"));

        Assert.Contains("'azd-service-name', 'vault'", app.Json["tags"]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\n  vault:\n", Azd, StringComparison.Ordinal);
        Assert.True(template.Main.Json["variables"]!["tags"]!.AsObject().ContainsKey("azd-env-name"));
    }

    // Else a parameter could only be set by changing a file of the checkout; and a default that is written twice must be the same.
    [Fact]
    public void Every_parameter_but_the_keys_has_a_variable_of_azd_with_the_templates_default()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var expected = template.Main.Json["parameters"]!.AsObject().Where(parameter => !template.Main.SecureParameters.Contains(parameter.Key)).ToDictionary(
            parameter => parameter.Key,
            parameter => parameter.Key switch
            {
                "environmentName" => "${AZURE_ENV_NAME}",
                "location" => "${AZURE_LOCATION}",
                var name => $"${{{VariableOf(name)}={Text(parameter.Value!["defaultValue"]!)}}}",
            });

        Assert.Equal(expected, Given);
    }

    [Fact]
    public void The_docs_list_every_parameter_with_its_variable_and_its_default()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var expected = template.Main.Json["parameters"]!.AsObject()
            .Where(parameter => !template.Main.SecureParameters.Contains(parameter.Key) && parameter.Key is not ("environmentName" or "location"))
            .Select(parameter => (parameter.Key, VariableOf(parameter.Key), Text(parameter.Value!["defaultValue"]!)));

        Assert.Equal(expected.Order(), DeployPage.Parameters().Order());
    }

    [Theory]
    [InlineData("predeploy", "posix", "./alter check --offline --public-url")]
    [InlineData("predeploy", "windows", "./alter.cmd check --offline --public-url")]
    [InlineData("postdeploy", "posix", "./alter smoke")]
    [InlineData("postdeploy", "windows", "./alter.cmd smoke")]
    public void Every_hook_runs_on_both_kinds_of_machines_and_ends_as_its_command_does(string hook, string machine, string command)
    {
        var text = Hook(hook, machine);

        Assert.Contains(command, text, StringComparison.Ordinal);

        // What it prints is wiped otherwise, once it is done.
        Assert.Contains("interactive: true", text, StringComparison.Ordinal);

        // PowerShell goes on after a program that failed.
        Assert.Equal(machine == "windows", text.Contains("exit $LASTEXITCODE", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_hooks_run_are_commands_that_exist_with_outputs_that_exist()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var lines = Commands().Matches(Azd).Select(match => match.Groups["arguments"].Value.Trim()).ToList();
        var outputs = template.Main.Outputs.Select(output => output.Key).ToList();

        Assert.Equal(4, lines.Count);
        Assert.All(lines, line =>
        {
            Assert.Empty(AlterCommand.Of(new OperatorTools(TimeProvider.System)).Parse(Variables().Replace(line, "https://vault.acme.com").Replace("\"", "", StringComparison.Ordinal)).Errors);
            Assert.All(Variables().Matches(line), variable => Assert.Contains(variable.Groups["name"].Value, outputs));
        });
    }

    private static string Hook(string hook, string machine)
    {
        var section = Regex.Match(Azd, $@"\n  {hook}:\n(?<text>(    .*\n|  +#.*\n)+)").Groups["text"].Value;
        return Regex.Match(section, $@"    {machine}:\n(?<text>(      .*\n?)+)").Groups["text"].Value;
    }

    private static string VariableOf(string parameter) => "ALTER_" + Words().Replace(parameter, "_").ToUpperInvariant();

    private static string Text(JsonNode value) => value.GetValueKind() is System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex Words();

    [GeneratedRegex(@"\./alter(\.cmd)? (?<arguments>.*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Commands();

    [GeneratedRegex(@"\$(env:)?(?<name>[A-Z_]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Variables();
}
