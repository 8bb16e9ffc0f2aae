using Alter.Sdk;
using Google;

namespace Samples.Worker;

/// <summary>Reads everybody's calendar now and then. Three things can go wrong, and each ends differently; a wrong key or call ends the process.</summary>
internal sealed class DigestWorker(StoredGrants grants, Calendars calendars, DigestOptions options, TimeProvider time, ILogger<DigestWorker> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Every, time);
        do
        {
            foreach (var grantId in await grants.ListAsync(stoppingToken))
            {
                await DigestAsync(grantId, stoppingToken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task DigestAsync(Guid grantId, CancellationToken cancellationToken)
    {
        try
        {
            var page = await calendars.EventsAsync(grantId, cancellationToken);
            Log.Digested(log, grantId, page.Events.Count);
        }
        catch (AlterException e) when (e.Action is AlterAction.Connect)
        {
            await grants.EndAsync(grantId, e.Code, cancellationToken); // Only its owner can help, and is not here.
            Log.Ended(log, grantId, e.Code);
        }
        catch (AlterException e) when (e.IsTransient)
        {
            Log.Postponed(log, grantId, e.Code, e.RequestId); // The SDK has repeated it already; the next round is early enough.
        }
        catch (GoogleApiException e)
        {
            Log.Refused(log, grantId, (int)e.HttpStatusCode); // The calendar's own answer, through the vault as it came.
        }
    }
}
