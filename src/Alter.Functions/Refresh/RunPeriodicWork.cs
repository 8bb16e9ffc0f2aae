using Alter.Audit;
using Alter.Connect;
using Alter.Grants;
using Alter.Refresh;
using Alter.Storage;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Refresh;

/// <summary>
/// Every minute: queues what is due, then goes on with hourly and daily work, with what a new key asks for, with sealing the record, and with counting what was given up. One timer for all, because each timer function is a scale group and a bill
/// of its own; each duty keeps its own mark, because a missed tick is not repeated.
/// </summary>
public sealed class RunPeriodicWork(DueGrants due, ConnectPurge purge, DailySweep sweep, Rewrap rewrap, SealRecord seal, DropOldRecord drop, CountPoison poison)
{
    [Function(nameof(RunPeriodicWork))]
    public async Task Run([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        // A duty that fails must not starve the others; the failure is still the run's.
        var failures = new List<Exception>();
        foreach (var duty in new Func<CancellationToken, Task>[] { due.DispatchAsync, purge.RunAsync, sweep.RunAsync, rewrap.RunAsync, seal.RunAsync, drop.RunAsync, poison.RunAsync })
        {
            try
            {
                await duty(cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(e);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }
}
