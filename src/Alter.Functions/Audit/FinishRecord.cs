using Alter.Audit;
using Microsoft.Extensions.Hosting;

namespace Alter.Functions.Audit;

/// <summary>A worker that is told to stop first writes what it still has to record. Nothing that was answered relies on it, but for how it ended.</summary>
internal sealed class FinishRecord(IServiceProvider services) : IHostedService
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            if (services.GetService(typeof(AuditRecord)) is AuditRecord record)
            {
                await record.DrainAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The platform waits no longer either.
        }
        catch (InvalidOperationException)
        {
            // Storage was never configured, so nothing was recorded.
        }
    }
}
