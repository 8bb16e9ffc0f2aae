using System.CommandLine;
using Alter.Bench.Refresh;

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
        return Program("refresh-race", "Many concurrent calls at expiry.", [calls, workers, rounds, slow], (given, token) => Refresh.RefreshRace.RunAsync(
            new RefreshRaceSetup(given.GetValue(calls), given.GetValue(workers), given.GetValue(rounds), TimeSpan.FromSeconds(given.GetValue(slow))), token));
    }

    public static Command RefreshKill()
    {
        var kills = Number("--kills", "Kills per kind of rotation.", 200);
        var workers = Number("--workers", "Worker processes.", 4);
        var grants = Number("--grants", "Refreshes begun before each kill.", 80);
        var lease = Number("--lease-seconds", "A lease short enough to wait for.", 8);
        var rotations = new Option<string[]>("--rotation") { Description = "none, grace or strict; may be repeated.", DefaultValueFactory = _ => ["none", "grace", "strict"] };
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
        return Program("timer-cost", "What the minute's dispatch costs.", [sizes, due], (given, token) => Refresh.TimerCost.RunAsync(given.GetRequiredValue(sizes), given.GetValue(due), token));
    }

    private static Option<int> Number(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Command Program(string name, string description, Option[] options, Func<ParseResult, CancellationToken, Task<Report>> run)
    {
        var output = new Option<string>("--out") { Description = "Where the JSON goes.", DefaultValueFactory = _ => $"artifacts/bench/{name}.json" };
        var command = new Command(name, description) { output };
        foreach (var option in options)
        {
            command.Add(option);
        }

        command.SetAction(async (given, token) =>
        {
            var report = await run(given, token);
            var file = Path.GetFullPath(given.GetRequiredValue(output));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, report.ToJson() + "\n", token);
            await Console.Out.WriteAsync(report.ToTable());
            return report.Misses.Count is 0 ? 0 : 1;
        });
        return command;
    }
}
