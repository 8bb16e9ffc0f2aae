using Alter.Forwarding;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alter.Functions.Http;

/// <summary>
/// Makes the first call of a process short. While the host still greets the process, it makes what a call needs and rehearses one in memory, asking nothing of the network. With the first good
/// app key it asks at once for what a process reads once, so that the call does not wait for one after the other.
/// </summary>
public sealed class PrepareFirstCall(IServiceProvider services) : IHostedService
{
    private int isBegun;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = QuietlyAsync(() =>
        {
            services.GetRequiredService<CallerAuthentication>();
            services.GetRequiredService<ProviderCall>();
            services.GetRequiredService<RecordedCall>();
            return Rehearsal.RunAsync();
        });
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A caller has shown a good app key.</summary>
    internal void Begin()
    {
        if (Interlocked.Exchange(ref isBegun, 1) is 0)
        {
            _ = QuietlyAsync(() => services.GetRequiredService<DeploymentSalt>().HashAsync([], CancellationToken.None));
            _ = QuietlyAsync(() => services.GetRequiredService<KeyRing>().CurrentAsync(CancellationToken.None).AsTask());
        }
    }

    private static async Task QuietlyAsync(Func<Task> prepare)
    {
        try
        {
            await Task.Run(prepare);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whoever needs it asks again, and is told why it is not there.
        }
    }
}
