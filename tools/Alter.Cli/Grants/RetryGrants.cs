using System.CommandLine;
using Alter.Grants;
using Alter.Storage;

namespace Alter.Cli.Grants;

/// <summary><c>alter grants retry</c>: asks the vault's workers to try failed or refused refreshes once more. Nothing is redeemed here.</summary>
internal static class RetryGrants
{
    private const int AtOnce = 8;
    private const int MaxShown = 100;

    public static Command Command(OperatorTools tools)
    {
        var id = GrantOptions.GrantId();
        id.Arity = ArgumentArity.ZeroOrOne;
        var app = GrantOptions.App();
        var provider = GrantOptions.Provider();
        var since = Instants.Since("Only grants that failed since then.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Say which would be asked, and ask none." };
        var config = GrantOptions.Config();
        var command = new Command("retry", "Asks the vault to try a failed refresh once more: one grant, or all of a provider.") { id, provider, app, since, dryRun, config };
        command.Validators.Add(result =>
        {
            var isOne = result.GetResult(id) is { Tokens.Count: > 0 };
            if (isOne == result.GetValue(provider) is not null || (isOne && (result.GetValue(app) ?? result.GetValue(since)) is not null))
            {
                result.AddError("Give a grant id, or --provider with --app and --since where wanted.");
            }
        });
        command.SetAction((result, cancellationToken) =>
        {
            var output = result.InvocationConfiguration.Output;
            var now = tools.Time.GetUtcNow();
            return GrantDesk.WithAsync(
                tools,
                result.GetValue(config),
                result.InvocationConfiguration.Error,
                (desk, token) => result.GetValue(provider) is { } name
                    ? ManyAsync(desk, result.GetValue(app), name, result.GetValue(since) is { } text ? Instants.Parse(text, now) : null, result.GetValue(dryRun), now, output, token)
                    : OneAsync(desk, result.GetValue(id), result.GetValue(dryRun), now, output, token),
                cancellationToken);
        });
        return command;
    }

    private static async Task<int> OneAsync(GrantDesk desk, Guid id, bool isDry, DateTimeOffset now, TextWriter output, CancellationToken cancellationToken)
    {
        var rows = await desk.FindAsync(id, cancellationToken);
        if (rows.FirstOrDefault(row => row.IsWorthRetrying(now, desk.Document)) is not { } stored)
        {
            output.WriteLine(rows is [var first, ..]
                ? $"Nothing to try again: the grant is {GrantStates.Of(first, now, desk.Document)}{(first.HoldsRefreshToken ? "" : " and holds no refresh token")}. ./alter grants show {id:D} says more."
                : $"There is no grant {id:D}.");
            return 1;
        }

        if (!isDry)
        {
            await desk.Queues.SendAsync(AlterQueues.Refresh, stored.ToRetryMessage(), cancellationToken);
        }

        Close(1, isDry, output);
        return 0;
    }

    private static async Task<int> ManyAsync(
        GrantDesk desk, string? app, string provider, DateTimeOffset? since, bool isDry, DateTimeOffset now, TextWriter output, CancellationToken cancellationToken)
    {
        var asked = 0;
        try
        {
            await Parallel.ForEachAsync(
                MatchingAsync(),
                new ParallelOptions { MaxDegreeOfParallelism = isDry ? 1 : AtOnce, CancellationToken = cancellationToken },
                async (stored, token) =>
                {
                    if (!isDry)
                    {
                        await desk.Queues.SendAsync(AlterQueues.Refresh, stored.ToRetryMessage(), token);
                    }

                    var count = Interlocked.Increment(ref asked);
                    if (isDry && count <= MaxShown)
                    {
                        output.WriteLine($"{stored.Grant.Id:D}  {Shown.Text(stored.Grant.Place.App)}  {GrantStates.Of(stored, now, desk.Document)}");
                    }
                });
        }
        catch when (asked > 0 && !isDry)
        {
            output.WriteLine($"Not all were asked: {asked} were. Asking one again is harmless, so run it again.");
            throw;
        }

        Close(asked, isDry, output);
        return 0;

        async IAsyncEnumerable<StoredGrant> MatchingAsync()
        {
            await foreach (var stored in desk.Inventory.ListAsync(app, cancellationToken))
            {
                if (stored.Grant.Place.Provider == provider && (since is null || stored.ChangedAt >= since) && stored.IsWorthRetrying(now, desk.Document))
                {
                    yield return stored;
                }
            }
        }
    }

    private static void Close(int count, bool isDry, TextWriter output)
    {
        var grants = count == 1 ? "1 grant" : $"{count} grants";
        output.WriteLine(count == 0 ? "No such grant failed or was refused: there is nothing to try again."
            : isDry ? $"{grants} would be asked for one more refresh. Nothing was sent."
            : $"{grants} asked for one more refresh. The vault's workers do it, as fast as they work on anything due; ./alter grants list shows what came of it.");
    }
}
