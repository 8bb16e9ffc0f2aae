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
        return Program("refresh-race", "Many concurrent calls at expiry.", [calls, workers, rounds, slow], (given, token) => Bench.Refresh.RefreshRace.RunAsync(
            new RefreshRaceSetup(given.GetValue(calls), given.GetValue(workers), given.GetValue(rounds), TimeSpan.FromSeconds(given.GetValue(slow))), token));
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
