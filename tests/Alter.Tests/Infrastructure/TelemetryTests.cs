using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Alter.Providers;
using Alter.Refresh;
using Alter.Tests.House;

namespace Alter.Tests.Infrastructure;

/// <summary>What is stored of what happens, what wakes whom, and where they read what to do.</summary>
public sealed partial class TelemetryTests(CompiledTemplate template) : IClassFixture<CompiledTemplate>
{
    private static readonly string Runbook = File.ReadAllText(Repository.PathOf("docs/operate.md")).ReplaceLineEndings("\n");

    [Fact]
    public void Diagnostic_settings_name_their_categories()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var settings = template.OfType("Microsoft.Insights/diagnosticSettings");
        var logs = settings.Select(setting => (Setting: setting, Logs: setting.Template.Resolve(setting.Properties["logs"]!).AsArray())).ToList();

        Assert.Equal(
            ["func-alter- FunctionAppLogs", "kv-kek- AuditEvent", "kv-oauth- AuditEvent", "stalter StorageDelete", "stalter StorageWrite", "sthost StorageDelete", "sthost StorageWrite"],
            logs.SelectMany(pair => pair.Logs.Select(log => $"{Prefix().Match(pair.Setting.Json["scope"]!.GetValue<string>()).Value} {log!["category"]!.GetValue<string>()}")).Order(StringComparer.Ordinal));
        Assert.All(logs.SelectMany(pair => pair.Logs), log => Assert.False(log!.AsObject().ContainsKey("categoryGroup")));
    }

    [Fact]
    public void Query_strings_are_cut_before_they_are_stored_and_of_storages_logs_the_apps_own_are_dropped()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var rule = Assert.Single(template.OfType("Microsoft.Insights/dataCollectionRules"));
        var flows = rule.Properties["dataFlows"]!.AsArray().ToDictionary(flow => Assert.Single(flow!["streams"]!.AsArray())!.GetValue<string>(), flow => flow!["transformKql"]!.GetValue<string>());

        Assert.Equal("WorkspaceTransforms", rule.Json["kind"]!.GetValue<string>());
        Assert.Equal("""source | extend Url = extract("^[^?]*", 0, Url)""", flows["Microsoft-Table-AppRequests"]);
        Assert.Equal("""source | extend Data = extract("^[^?]*", 0, Data)""", flows["Microsoft-Table-AppDependencies"]);
        Assert.All(["StorageTableLogs", "StorageBlobLogs"], table => Assert.Contains("RequesterObjectId != ", flows[$"Microsoft-Table-{table}"], StringComparison.Ordinal));

        // It acts only where the workspace names it; and the component must not come before that.
        var workspaces = template.OfType("Microsoft.OperationalInsights/workspaces");
        Assert.Equal(2, workspaces.Count);
        Assert.All(workspaces, workspace => Assert.Equal("[if(empty(parameters('transformationsId')), null(), parameters('transformationsId'))]", workspace.Properties["defaultDataCollectionRuleResourceId"]!.GetValue<string>()));
        Assert.Contains("linkedWorkspace", Assert.Single(template.OfType("Microsoft.Insights/components")).Properties["WorkspaceResourceId"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_an_address_to_write_to_there_are_no_alerts()
    {
        BicepCompiler.SkipWhereItCannotRun();

        Assert.Equal("", template.Main.Json["parameters"]!["alertEmail"]!["defaultValue"]!.GetValue<string>());
        Assert.Equal("[not(empty(parameters('alertEmail')))]", template.Module("alerts").Json["condition"]!.GetValue<string>());
    }

    [Fact]
    public void Every_alert_leads_to_a_section_of_the_runbook_with_its_own_query_and_a_command()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var alerts = Alerts();

        Assert.Equal(Repository.Files("infra/alerts", ".kql").Select(file => Path.GetFileNameWithoutExtension(file.Path)).Order(), alerts.Select(alert => alert.Name).Order());
        Assert.All(alerts, alert =>
        {
            var section = SectionOf(alert.Runbook);
            Assert.True(section is not null, $"docs/operate.md has no section {alert.Runbook}.");
            Assert.Contains($"`{alert.Name}`", section, StringComparison.Ordinal);
            Assert.Contains(alert.Query, section, StringComparison.Ordinal);
            Assert.True(Command().IsMatch(section), $"{alert.Runbook} has no command.");
        });
    }

    [Fact]
    public void Every_metric_that_alerts_and_workbook_read_is_one_the_vault_emits()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var emitted = Repository.Files("src", ".cs").SelectMany(file => Instrument().Matches(file.Text)).Select(match => match.Groups["name"].Value).ToHashSet();
        var read = Metric().Matches(string.Concat(Alerts().Select(alert => alert.Query)) + File.ReadAllText(Repository.PathOf("infra/workbook.json"))).Select(match => match.Groups["name"].Value).Distinct().ToList();

        Assert.True(read.Count >= 10, "Hardly any metric is read.");
        Assert.Empty(read.Except(emitted));
    }

    [Fact]
    public void Outcomes_that_alerts_look_for_are_words_the_vault_uses()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var outcomes = Outcome().Matches(string.Concat(Alerts().Select(alert => alert.Query))).Select(match => match.Groups["outcome"].Value);

        Assert.Equal([RefreshMetrics.Braked, Refusal.CodeOf(typeof(ConnectConfig))], outcomes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Messages_that_alerts_look_for_are_written_by_the_vault()
    {
        var logs = string.Concat(Repository.Files("src", ".cs").Where(file => file.Path.EndsWith("/Log.cs", StringComparison.Ordinal)).Select(file => file.Text));
        var phrases = Phrase().Matches(File.ReadAllText(Repository.PathOf("infra/alerts/altered-rows.kql"))).Select(match => match.Groups["phrase"].Value).ToList();

        Assert.Equal(4, phrases.Count);
        Assert.All(phrases, phrase => Assert.Contains(phrase, logs, StringComparison.Ordinal));
    }

    [Fact]
    public void The_workbook_has_parts_with_names_of_their_own_and_queries_the_workspace()
    {
        BicepCompiler.SkipWhereItCannotRun();
        var items = Workbook()["items"]!.AsArray();
        var queries = items.Where(item => item!["type"]!.GetValue<int>() == 3).ToList();

        Assert.Equal(items.Count, items.Select(item => item!["name"]!.GetValue<string>()).Distinct().Count());
        Assert.True(queries.Count >= 8, "The workbook hardly shows anything.");
        Assert.All(queries, query => Assert.Equal("microsoft.operationalinsights/workspaces", query!["content"]!["resourceType"]!.GetValue<string>()));
        Assert.Contains("'WORKSPACE_ID'", Assert.Single(template.OfType("Microsoft.Insights/workbooks")).Properties["serializedData"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("WORKSPACE_ID", Assert.Single(Workbook()["fallbackResourceIds"]!.AsArray())!.GetValue<string>());
    }

    private List<(string Name, string Runbook, string Query)> Alerts()
    {
        var rules = Assert.Single(template.OfType("Microsoft.Insights/scheduledQueryRules"));
        return [.. rules.Template.Json["variables"]!["alerts"]!.AsArray().Select(alert => (
            alert!["name"]!.GetValue<string>(), alert["runbook"]!.GetValue<string>(), rules.Template.Resolve(alert["query"]!).GetValue<string>().ReplaceLineEndings("\n").Trim()))];
    }

    private static JsonObject Workbook() => JsonNode.Parse(File.ReadAllText(Repository.PathOf("infra/workbook.json")))!.AsObject();

    // From its heading to the next one that is not below it; headings are linked as GitHub links them.
    private static string? SectionOf(string anchor)
    {
        var headings = Heading().Matches(Runbook).ToList();
        var heading = headings.Find(one => Unlinked().Replace(one.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-') == anchor);
        var next = heading is null ? null : headings.Find(one => one.Index > heading.Index && one.Groups["level"].Length <= heading.Groups["level"].Length);
        return heading is null ? null : Runbook[heading.Index..(next?.Index ?? Runbook.Length)];
    }

    [GeneratedRegex(@"(?<=format\(')[a-z-]+")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\.Create\w+(<\w+>)?\(\s*""(?<name>alter\.[a-z_.]+)""", RegexOptions.ExplicitCapture)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"(?<name>\balter\.[a-z_]+(\.[a-z_]+)*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Metric();

    [GeneratedRegex("outcome == '(?<outcome>[a-z_]+)'")]
    private static partial Regex Outcome();

    [GeneratedRegex("Message has '(?<phrase>[^']+)'")]
    private static partial Regex Phrase();

    [GeneratedRegex(@"^(\./alter|az|azd) \w", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Command();

    [GeneratedRegex("^(?<level>#{2,3}) (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex Unlinked();
}
