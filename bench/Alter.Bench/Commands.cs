using System.CommandLine;
using Alter.Bench.Refresh;
using Alter.Bench.Running;
using Alter.Bench.Soak;

namespace Alter.Bench;

/// <summary>The command line of each program.</summary>
internal static class Commands
{
    public static Command RefreshRace()
    {
        var calls = Number("--calls", "Concurrent calls per expiry.", 1000);
        var workers = Number("--workers", "Worker processes.", 4);
        var rounds = Number("--rounds", "Expiries per provider.", 20);
        var slow = Number("--slow-seconds", "How long the slow provider takes.", 11);
        var within = Number("--arrive-within-ms", "Within which the calls of one expiry are begun.", 2000);
        var watch = new Option<bool>("--watch-storage") { Description = "Note the slowest answer of storage, by way of a relay." };
        return Program("refresh-race", "Many concurrent calls at expiry.", [calls, workers, rounds, slow, within, watch], (given, token) => Refresh.RefreshRace.RunAsync(
            new RefreshRaceSetup(given.GetValue(calls), given.GetValue(workers), given.GetValue(rounds), TimeSpan.FromSeconds(given.GetValue(slow)))
            {
                ArriveWithin = TimeSpan.FromMilliseconds(given.GetValue(within)),
                WatchesStorage = given.GetValue(watch),
            },
            token));
    }

    public static Command RefreshKill()
    {
        var kills = Number("--kills", "Kills per kind of rotation.", 200);
        var workers = Number("--workers", "Worker processes.", 4);
        var grants = Number("--grants", "Refreshes begun before each kill.", 80);
        var lease = Number("--lease-seconds", "A lease short enough to wait for.", 8);
        var rotations = new Option<string[]>("--rotation") { Description = "none, grace, strict or unknown; may be repeated.", DefaultValueFactory = _ => ["none", "grace", "strict", "unknown"] };
        return Program("refresh-kill", "SIGKILL of workers that refresh.", [kills, workers, grants, lease, rotations], (given, token) => Refresh.RefreshKill.RunAsync(
            new RefreshKillSetup(given.GetValue(kills), given.GetValue(workers), given.GetValue(grants), given.GetValue(lease), given.GetRequiredValue(rotations)), token));
    }

    public static Command RoundTrips() =>
        Program("round-trips", "Storage operations per path, against docs/storage.md.", [], (_, token) => Storage.RoundTrips.RunAsync(token));

    public static Command ConnectKill()
    {
        var kills = Number("--kills", "Kills.", 200);
        var workers = Number("--workers", "Worker processes.", 4);
        var people = Number("--people", "People who come back from the provider at each kill.", 50);
        return Program("connect-kill", "SIGKILL of workers that finish Connect.", [kills, workers, people], (given, token) => Connect.ConnectKill.RunAsync(
            new Connect.ConnectKillSetup(given.GetValue(kills), given.GetValue(workers), given.GetValue(people)), token));
    }

    public static Command TimerCost()
    {
        var sizes = new Option<int[]>("--stored") { Description = "Stored grants; may be repeated, rising.", DefaultValueFactory = _ => [1_000, 10_000, 100_000] };
        var due = Number("--due", "How many of them are due.", 100);
        return Program("timer-cost", "What the minute's dispatch costs.", [sizes, due], (given, token) => Refresh.TimerCost.RunAsync(given.GetRequiredValue(sizes), given.GetValue(due), judgesTime: true, token));
    }

    public static Command Drain()
    {
        var grants = Number("--grants", "Grants due at once.", 10_000);
        var workers = Number("--workers", "Worker processes.", 4);
        return Program("drain", "Many grants due at once.", [grants, workers], (given, token) => Refresh.Drain.RunAsync(new DrainSetup(given.GetValue(grants), given.GetValue(workers)), token));
    }

    public static Command Soak()
    {
        var minutes = Number("--minutes", "How long, at most 50: a user's token lives an hour.", 20);
        var workers = Number("--workers", "Worker processes, two at least.", 4);
        var rate = Number("--calls-per-second", "The bound of the rate.", 20);
        var users = Number("--users", "Users, with four accounts each.", 8);
        return Program("soak", "A long time while everything around fails in turn.", [minutes, workers, rate, users], (given, token) => Bench.Soak.Soak.RunAsync(
            new SoakSetup(TimeSpan.FromMinutes(given.GetValue(minutes)), given.GetValue(workers), given.GetValue(rate), given.GetValue(users)), token));
    }

    public static Command Policy()
    {
        var checks = Number("--checks", "Warm checks measured for each part.", 20_000);
        var calls = Number("--calls", "Calls against each limit.", 10_000);
        var workers = Number("--workers", "Worker processes.", 4);
        var small = Number("--small", "A limit that is counted call by call.", 100);
        var large = Number("--large", "A limit that is shared out in blocks.", 5_000);
        return Program("policy", "What policies cost, and whether many workers keep a limit.", [checks, calls, workers, small, large], (given, token) => Policies.PolicyCost.RunAsync(
            new Policies.PolicyCostSetup(given.GetValue(checks), given.GetValue(calls), given.GetValue(workers), given.GetValue(small), given.GetValue(large)), token));
    }

    public static Command AuditKill()
    {
        var seconds = Number("--seconds", "How long workers are killed under load.", 60);
        var workers = Number("--workers", "Worker processes, two at least.", 4);
        var callers = Number("--callers", "Callers with one call at a time.", 40);
        var between = Number("--between-kills-ms", "The mean pause between two kills.", 3000);
        return Program("audit-kill", "SIGKILL of workers that record calls; then the record is tampered with.", [seconds, workers, callers, between], (given, token) => Audit.AuditKill.RunAsync(
            new Audit.AuditKillSetup(TimeSpan.FromSeconds(given.GetValue(seconds)), given.GetValue(workers), given.GetValue(callers), TimeSpan.FromMilliseconds(given.GetValue(between))), token));
    }

    public static Command Forwarding()
    {
        var answers = new Option<long[]>("--bytes") { Description = "How long answers are, chunked from 16 MB on; may be repeated.", DefaultValueFactory = _ => [1L << 10, 1L << 20, 1L << 30] };
        var connections = new Option<int[]>("--connections") { Description = "Callers at once; may be repeated.", DefaultValueFactory = _ => [1, 64] };
        var seconds = Number("--seconds", "How long each way is called in its turn.", 5);
        var rounds = Number("--rounds", "How many turns each way has, after one of each of its workers that is not counted.", 6);
        var workers = Number("--workers", "Workers of the bare forwarder, and of the vault with storage in process, that take turns.", 2);
        var bare = Bare();
        return Program("forwarding", "What a proxied call costs beside the same call without a vault.", [answers, connections, seconds, rounds, workers, bare], (given, token) => Bench.Forwarding.ForwardingCost.RunAsync(
            new Bench.Forwarding.ForwardingSetup
            {
                Answers = given.GetRequiredValue(answers),
                Connections = given.GetRequiredValue(connections),
                Turn = TimeSpan.FromSeconds(given.GetValue(seconds)),
                Rounds = given.GetValue(rounds),
                Workers = given.GetValue(workers),
                BareDirectory = given.GetValue(bare),
            },
            token));
    }

    public static Command Start()
    {
        var starts = Number("--starts", "Starts of each worker, after one that is not counted.", 20);
        var bare = Bare();
        return Program("start", "How long a new process takes to answer its first proxied call.", [starts, bare], (given, token) => Starting.StartCost.RunAsync(
            new Starting.StartSetup(given.GetValue(starts)) { BareDirectory = given.GetValue(bare) }, token));
    }

    public static Command Growth()
    {
        var stored = new Option<int[]>("--stored") { Description = "Stored grants, from one on; may be repeated, rising.", DefaultValueFactory = _ => [1, 1_000, 100_000] };
        var ofUser = Number("--of-user", "How many grants one user has in the last row.", 50);
        var calls = Number("--calls", "Calls measured for each row.", 300);
        return Program("growth", "What a call costs by how many grants are stored.", [stored, ofUser, calls], (given, token) => Bench.Growth.GrowthCost.RunAsync(
            new Bench.Growth.GrowthSetup { Stored = given.GetRequiredValue(stored), OfOneUser = given.GetValue(ofUser), Calls = given.GetValue(calls) }, token));
    }

    private static Option<string> Bare() => new("--bare") { Description = "The folder of a published bench/BareForwarder; left out: what was built beside this program." };

    private static Option<int> Number(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Command Program(string name, string description, Option[] options, Func<ParseResult, CancellationToken, Task<Report>> run)
    {
        var output = new Option<string>("--out") { Description = "Where the JSON goes.", DefaultValueFactory = _ => $"artifacts/bench/{name}.json" };
        var app = new Option<string>("--app") { Description = "The folder of a published vault; left out: what was built beside this program." };
        var chart = new Option<string>("--chart") { Description = "Where a chart goes, as SVG, of a program that has one." };
        var command = new Command(name, description) { output, app, chart };
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction(async (given, token) =>
        {
            Progress.To = Console.Error.WriteLine;
            BenchVault.AppDirectory = given.GetValue(app) is { } folder ? Path.GetFullPath(folder) : BenchVault.AppDirectory;
            var report = await run(given, token);
            var file = Path.GetFullPath(given.GetRequiredValue(output));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, report.ToJson() + "\n", token);
            if (given.GetValue(chart) is { } picture && report.Chart is { } drawn)
            {
                await File.WriteAllTextAsync(picture, drawn.ToSvg(), token);
            }

            await Console.Out.WriteAsync(report.ToTable());
            return report.Misses.Count is 0 ? 0 : 1;
        });
        return command;
    }
}
