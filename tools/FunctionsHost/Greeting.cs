namespace Alter.FunctionsHost;

/// <summary>What the user sees once all is up: each function and what starts it, then the ready line.</summary>
internal static class Greeting
{
    public static void Print(HostLog log, Uri address, RouteTable routes, Listeners listeners)
    {
        foreach (var (function, template) in routes.Routes)
        {
            var methods = ((HttpTrigger)function.Trigger).Methods;
            log.Say($"  {function.Name}: [{(methods.Count == 0 ? "any" : string.Join(',', methods))}] {address}{template}");
        }

        foreach (var function in listeners.Functions)
        {
            log.Say(function.Trigger switch
            {
                TimerTrigger timer => $"  {function.Name}: timer {timer.Schedule}",
                QueueTrigger queue => $"  {function.Name}: queue {queue.QueueName}",
                _ => $"  {function.Name}",
            });
        }

        log.Say($"Ready: the Functions app listens on {address}");
    }
}
