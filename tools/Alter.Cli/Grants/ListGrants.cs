using System.CommandLine;
using System.Text.Json;
using Alter.Apps;
using Alter.Grants;

namespace Alter.Cli.Grants;

/// <summary><c>alter grants list</c>: a line per grant, and how many stand where.</summary>
internal static class ListGrants
{
    private const int UsualLimit = 500;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private sealed record Query
    {
        public string? App { get; init; }

        public string? Provider { get; init; }

        public string? User { get; init; }

        public string? Issuer { get; init; }

        public DateTimeOffset? Since { get; init; }

        public required string[] Words { get; init; }

        public required bool IsTroubleOnly { get; init; }

        public required int Limit { get; init; }

        public required bool IsJson { get; init; }

        public bool Counts(StoredGrant stored) => (Provider is null || stored.Grant.Place.Provider == Provider) && (Since is null || stored.ChangedAt >= Since);

        public bool Shows(string state) =>
            (!IsTroubleOnly || GrantStates.IsTrouble(state)) && (Words.Length == 0 || Words.Any(word => GrantStates.Matches(word, state)));
    }

    private sealed record Place(string App, string Provider, string State)
    {
        public string Name => App.Length == 0 ? "(damaged rows)" : $"{App} {Provider}";

        // A damaged row's names are whatever somebody wrote into it: it is counted, not believed.
        public static Place Of(GrantLine line) => line.State == GrantStates.Damaged ? new("", "", line.State) : new(line.App, line.Provider, line.State);
    }

    public static Command Command(OperatorTools tools)
    {
        var config = GrantOptions.Config();
        var app = GrantOptions.App();
        var provider = GrantOptions.Provider();
        var user = new Option<string?>("--user") { Description = "Only grants of this user: the value of the claim that names users (sub, unless the document says otherwise)." };
        var issuer = new Option<string?>("--issuer") { Description = "With --user: the issuer of the user's tokens; otherwise all issuers of the document." };
        var status = new Option<string?>("--status") { Description = $"Show only these states, comma-separated: {string.Join(", ", GrantStates.All)}." };
        var trouble = new Option<bool>("--trouble") { Description = "Show only what is not as it should be: neither ok nor pending, nor revoked or expired as somebody asked." };
        var since = Instants.Since("Only grants that came to their state since then.");
        var limit = new Option<int>("--limit") { Description = "How many lines at most; all are counted.", DefaultValueFactory = _ => UsualLimit };
        var json = new Option<bool>("--json") { Description = "One JSON object: grants, summary." };
        status.Validators.Add(result =>
        {
            if (Words(result.GetValueOrDefault<string?>()).FirstOrDefault(word => !GrantStates.All.Contains(word)) is not null)
            {
                result.AddError($"--status: a comma-separated list of {string.Join(", ", GrantStates.All)}.");
            }
        });
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
            {
                result.AddError("--limit: 0 or more.");
            }
        });
        var command = new Command("list", "Lists grants with their state; --trouble shows those that do not work.") { app, provider, user, issuer, status, trouble, since, limit, json, config };
        command.Validators.Add(result =>
        {
            if (result.GetValue(issuer) is not null && result.GetValue(user) is null)
            {
                result.AddError("--issuer goes with --user.");
            }
        });
        command.SetAction((result, cancellationToken) =>
        {
            var query = new Query
            {
                App = result.GetValue(app),
                Provider = result.GetValue(provider),
                User = result.GetValue(user),
                Issuer = result.GetValue(issuer),
                Since = result.GetValue(since) is { } text ? Instants.Parse(text, tools.Time.GetUtcNow()) : null,
                Words = Words(result.GetValue(status)),
                IsTroubleOnly = result.GetValue(trouble),
                Limit = result.GetValue(limit),
                IsJson = result.GetValue(json),
            };
            var (output, error) = (result.InvocationConfiguration.Output, result.InvocationConfiguration.Error);
            return GrantDesk.WithAsync(tools, result.GetValue(config), error, (desk, token) => RunAsync(desk, query, tools.Time.GetUtcNow(), output, error, token), cancellationToken);
        });
        return command;
    }

    private static string[] Words(string? text) => text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static async Task<int> RunAsync(GrantDesk desk, Query query, DateTimeOffset now, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (Sources(desk, query, cancellationToken) is not { Count: > 0 } sources)
        {
            error.WriteLine("The document has no app whose users such an issuer names.");
            return 1;
        }

        var counts = new Dictionary<Place, int>();
        var (shown, matching) = (0, 0);
        var widths = Widths(desk.Document);
        output.Write(query.IsJson ? "{\"grants\":[" : "");
        foreach (var source in sources)
        {
            await foreach (var stored in source.WithCancellation(cancellationToken))
            {
                if (!query.Counts(stored))
                {
                    continue;
                }

                var line = GrantLine.Of(stored, now, desk.Document);
                var place = Place.Of(line);
                counts[place] = counts.GetValueOrDefault(place) + 1;
                if (!query.Shows(line.State) || matching++ >= query.Limit)
                {
                    continue;
                }

                if (query.IsJson)
                {
                    output.Write($"{(shown > 0 ? "," : "")}\n{line.ToJson()}");
                }
                else
                {
                    if (shown == 0)
                    {
                        output.WriteLine(GrantLine.Header(widths.App, widths.Provider));
                    }

                    output.WriteLine(line.ToText(widths.App, widths.Provider));
                }

                shown++;
            }
        }

        if (query.IsJson)
        {
            var summary = InOrder(counts).Select(one => new { one.Key.App, one.Key.Provider, one.Key.State, Count = one.Value });
            output.WriteLine($"],\n\"summary\":{JsonSerializer.Serialize(summary, Json)},\n\"matching\":{matching}}}");
        }
        else
        {
            Summarise(counts, shown, matching, output);
        }

        return 0;
    }

    private static List<IAsyncEnumerable<StoredGrant>> Sources(GrantDesk desk, Query query, CancellationToken cancellationToken) =>
        query.User is not { } user ? [desk.Inventory.ListAsync(query.App, cancellationToken)]
            : desk.Document is null ? []
            : [.. GrantInventory.UsersNamed(desk.Document, query.App, query.Issuer, user).Select(one => desk.Inventory.ListAsync(one, cancellationToken))];

    private static IEnumerable<KeyValuePair<Place, int>> InOrder(Dictionary<Place, int> counts) => counts
        .OrderBy(one => one.Key.App, StringComparer.Ordinal).ThenBy(one => one.Key.Provider, StringComparer.Ordinal).ThenBy(one => one.Key.State, StringComparer.Ordinal);

    private static void Summarise(Dictionary<Place, int> counts, int shown, int matching, TextWriter output)
    {
        if (counts.Count == 0)
        {
            output.WriteLine("There are no such grants.");
            return;
        }

        if (matching > shown)
        {
            output.WriteLine($"{matching - shown} more are not shown (--limit).");
        }

        if (matching > 0)
        {
            output.WriteLine();
        }

        var width = counts.Keys.Max(place => place.Name.Length);
        foreach (var group in InOrder(counts).GroupBy(one => one.Key.Name))
        {
            output.WriteLine($"{group.Key.PadRight(width)}  {string.Join(", ", group.Select(one => $"{one.Value} {one.Key.State}"))}");
        }

        var total = counts.Values.Sum();
        var trouble = counts.Where(one => GrantStates.IsTrouble(one.Key.State)).Sum(one => one.Value);
        output.WriteLine($"{total} {(total == 1 ? "grant" : "grants")}, {(trouble == 0 ? "none" : trouble)} in trouble.");
    }

    private static (int App, int Provider) Widths(VaultConfiguration? vault) => (
        Math.Max("APP".Length, vault?.Apps.Keys.Select(id => id.Length).DefaultIfEmpty().Max() ?? 0),
        Math.Max("PROVIDER".Length, vault?.Apps.Values.SelectMany(app => app.Providers.Keys).Select(id => id.Length).DefaultIfEmpty().Max() ?? 0));
}
