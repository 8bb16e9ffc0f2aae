using Alter.Audit;
using Alter.Keys;
using Alter.Refresh;
using Microsoft.Extensions.Hosting;

namespace Alter.Functions.Health;

/// <summary>
/// A worker that is told to stop first stores what providers have already answered, then writes what it still has to record. Nothing relies on it: the lease
/// survives a kill, and of what was answered only how it ended would go unrecorded.
/// </summary>
internal sealed class FinishWork(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await FinishAsync<GrantRefresher>(TimeSpan.FromSeconds(30), (refresher, limit) => refresher.DrainAsync(limit));
        await FinishAsync<AuditRecord>(TimeSpan.FromSeconds(15), (record, limit) => record.DrainAsync(limit));
    }

    private async Task FinishAsync<T>(TimeSpan atMost, Func<T, CancellationToken, Task> finish)
        where T : class
    {
        using var limit = new CancellationTokenSource(atMost);
        try
        {
            if (services.GetService(typeof(T)) is T work)
            {
                await finish(work, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The platform waits no longer either.
        }
        catch (Exception e) when (e is InvalidOperationException or KeySourceException)
        {
            // Storage was never configured or the document cannot be used, so nothing can be under way.
        }
    }
}
