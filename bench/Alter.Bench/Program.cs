using System.CommandLine;
using Alter.Bench;

return await new RootCommand("Measures what docs/reliability.md and docs/performance.md say. Each program writes JSON and prints a table; it ends with 1 when a goal was missed.")
{
    Commands.RefreshRace(),
    Commands.RefreshKill(),
    Commands.ConnectKill(),
    Commands.Drain(),
    Commands.Soak(),
    Commands.TimerCost(),
    Commands.RoundTrips(),
    Commands.Policy(),
    Commands.AuditKill(),
    Commands.Forwarding(),
    Commands.Start(),
    Commands.Growth(),
}
.Parse(args).InvokeAsync();
