using System.Globalization;
using Alter.Bench.Running;
using Alter.Testing;
using Azure.Data.Tables;

namespace Alter.Bench.Growth;

/// <summary>How much is run.</summary>
public sealed record GrowthSetup
{
    /// <summary>Stored grants, rising; the first is one.</summary>
    public IReadOnlyList<int> Stored { get; init; } = [1, 1_000, 100_000];

    /// <summary>How many grants one user has in the last row.</summary>
    public int OfOneUser { get; init; } = 50;

    /// <summary>Calls measured for each row.</summary>
    public int Calls { get; init; } = 300;

    /// <summary>False: figures are reported and miss nothing.</summary>
    public bool JudgesFigures { get; init; } = true;
}

/// <summary>What a call costs by how many grants are stored, and by how many its user has.</summary>
/// <remarks>
/// Goals: bytes the worker allocates and what a call takes beyond its one query do not grow with the grants of others. Azurite looks at every row of a table for any range, which
/// Azure does not; so each call is followed by a control, the same query by this process over a range where nothing lies, and time is held against that. What the worker
/// allocates owes nothing to the emulator. All calls name their account, so that one user's fifty grants can be told apart.
/// </remarks>
public static class GrowthCost
{
    private const double AllocationNoise = 1.1;

    // The control, and twice what the call took beside it over one grant: a second look at all rows would show, or half as much work again.
    private const double ControlNoise = 1.25;

    private const int UncountedCalls = 100;

    // What a call leaves to be recorded is written 50 ms later: here always alone, and never beside the control.
    private static readonly TimeSpan UntilRecorded = TimeSpan.FromMilliseconds(150);

    private const string Provider = "none";

    /// <summary>Measures every row.</summary>
    public static async Task<Report> RunAsync(GrowthSetup setup, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var probe = FreePort.Next();
        var settings = BenchVault.Still.Concat(BenchVault.AsDeployed).Concat(InsideWorker.Settings(probe)).ToDictionary();
        await using var vault = await BenchVault.StartAsync(new BenchSetup { Settings = settings }, cancellationToken);
        vault.Servers[Provider].AccessTokenLifetime = TimeSpan.FromHours(12); // No run comes near a refresh.
        var (alone, others) = (await vault.GrantAsync(Provider, isStale: false), new OtherGrants(vault));
        for (var call = 0; call < UncountedCalls; call++)
        {
            await CallAsync(vault, alone, cancellationToken); // They compile.
        }

        var costs = new List<GrowthOfCall>();
        GrowthOfCall? ofMany = null;
        foreach (var stored in setup.Stored)
        {
            await others.StoreAsync(alone, stored - 1 - (ofMany is null ? 0 : setup.OfOneUser), cancellationToken);
            Progress.Say($"growth: {stored} stored");
            costs.Add(await MeasureAsync(vault, probe, alone, stored, ofUser: 1, setup.Calls, cancellationToken));

            // While little is stored, so that it is their own number that shows.
            ofMany ??= await OfOneUserAsync(vault, probe, setup, cancellationToken);
        }

        var rows = costs.Append(ofMany!).Select(cost => Row(cost, costs[0])).ToArray();
        return new Report("growth", new Dictionary<string, object> { ["calls"] = setup.Calls, ["stored"] = setup.Stored, ["of_one_user"] = setup.OfOneUser }, rows, [.. setup.JudgesFigures ? Missed(costs) : []])
        {
            Chart = new Chart("Allocated for a call, KB", [.. costs.Append(ofMany!).Select(cost => new ChartBar(
                "", string.Create(CultureInfo.InvariantCulture, $"{cost.Stored} stored, {cost.OfUser} the user's"), Math.Round(cost.Allocated / 1024, 1)))]),
        };
    }

    private static async Task<GrowthOfCall> OfOneUserAsync(BenchVault vault, int probe, GrowthSetup setup, CancellationToken cancellationToken)
    {
        var first = await vault.GrantAsync(Provider, isStale: false);
        for (var more = 1; more < setup.OfOneUser; more++)
        {
            await vault.GrantAsync(Provider, isStale: false, first.User);
        }

        return await MeasureAsync(vault, probe, first, setup.Stored[0] + setup.OfOneUser, setup.OfOneUser, setup.Calls, cancellationToken);
    }

    private static async Task<GrowthOfCall> MeasureAsync(BenchVault vault, int probe, BenchGrant grant, int stored, int ofUser, int calls, CancellationToken cancellationToken)
    {
        var (took, control) = (new List<TimeSpan>(), new List<TimeSpan>());
        using var watch = await ProcessWatch.BeginAsync(vault.Host.Workers[0].ProcessId, probe, cancellationToken);
        for (var call = 0; call < calls; call++)
        {
            took.Add(await CallAsync(vault, grant, cancellationToken));
            await Task.Delay(UntilRecorded, TimeProvider.System, cancellationToken);
            control.Add(await ControlAsync(vault, cancellationToken));
        }

        var use = await watch.EndAsync(cancellationToken);
        return new GrowthOfCall(stored, ofUser, new Percentiles(took), new Percentiles(control), (double)use.Allocated!.Value / calls, use.Cpu / calls);
    }

    private static async Task<TimeSpan> CallAsync(BenchVault vault, BenchGrant grant, CancellationToken cancellationToken)
    {
        var result = await vault.Caller.CallAsync(grant, cancellationToken);
        return result.Status is 200 && result.Account == grant.Family.Account
            ? result.Took
            : throw new InvalidOperationException($"A call answered {result.Label}, so there is nothing to measure.");
    }

    // As the vault asks for the grants of one user and provider.
    private static async Task<TimeSpan> ControlAsync(BenchVault vault, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var nothing = TableClient.CreateQueryFilter($"PartitionKey eq {"nobody|000000000000000"} and RowKey ge {Provider + "|"} and RowKey lt {Provider + "}"}");
        await vault.Inside.Tables.Grants.QueryAsync<TableEntity>(nothing, cancellationToken: cancellationToken).CountAsync(cancellationToken);
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static Dictionary<string, object> Row(GrowthOfCall cost, GrowthOfCall first) => new()
    {
        ["stored grants"] = cost.Stored,
        ["of the calling user"] = cost.OfUser,
        ["call, p50 (ms)"] = Math.Round(cost.Took[50].TotalMilliseconds, 2),
        ["control, p50 (ms)"] = Math.Round(cost.Control[50].TotalMilliseconds, 2),
        ["call − control (ms)"] = Math.Round(cost.Beyond.TotalMilliseconds, 2),
        ["÷ first row"] = Math.Round(cost.Beyond / first.Beyond, 2),
        ["allocated per call (KB)"] = Math.Round(cost.Allocated / 1024, 1),
        ["allocated ÷ first row"] = Math.Round(cost.Allocated / first.Allocated, 2),
        ["CPU per call (µs)"] = Math.Round(cost.Cpu.TotalMicroseconds),
    };

    private static IEnumerable<string> Missed(List<GrowthOfCall> costs)
    {
        foreach (var cost in costs.Skip(1))
        {
            if (cost.Allocated > costs[0].Allocated * AllocationNoise)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{cost.Stored} stored: {cost.Allocated:0} bytes a call, {costs[0].Allocated:0} with one.");
            }

            if (cost.Took[50] > (cost.Control[50] * ControlNoise) + (costs[0].Beyond * 2))
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{cost.Stored} stored: {cost.Took[50].TotalMilliseconds:0.00} ms a call, {cost.Control[50].TotalMilliseconds:0.00} ms its query alone.");
            }
        }
    }
}

/// <summary>One row.</summary>
/// <param name="Stored">Grants in storage.</param>
/// <param name="OfUser">How many of them are the calling user's.</param>
/// <param name="Took">Whole calls.</param>
/// <param name="Control">The query alone.</param>
/// <param name="Allocated">Bytes a call in the worker.</param>
/// <param name="Cpu">Of the worker, a call.</param>
internal sealed record GrowthOfCall(int Stored, int OfUser, Percentiles Took, Percentiles Control, double Allocated, TimeSpan Cpu)
{
    /// <summary>What a call takes beyond its query, at the median.</summary>
    public TimeSpan Beyond => Took[50] - Control[50];
}
