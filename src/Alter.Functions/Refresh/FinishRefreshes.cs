using Alter.Refresh;
using Microsoft.Extensions.Hosting;

namespace Alter.Functions.Refresh;

/// <summary>A worker that is told to stop first stores what providers have already answered. Nothing relies on it: the lease survives a kill.</summary>
internal sealed class FinishRefreshes(IServiceProvider services) : IHostedService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            if (services.GetService(typeof(GrantRefresher)) is GrantRefresher refresher)
            {
                await refresher.DrainAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The platform waits no longer either.
        }
        catch (InvalidOperationException)
        {
            // Storage was never configured, so nothing can be under way.
        }
    }
}
