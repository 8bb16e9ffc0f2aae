using Alter.Forwarding;
using Alter.Keys;
using Alter.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Alter.Functions.Http;

/// <summary>
/// Makes the first call of a process short. While the process is put together a call is rehearsed in memory, and while the host still greets it what a call needs is made, asking nothing of the
/// network. With the first good app key it asks at once for what a process reads once, so that the call does not wait for one after the other.
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
            return Task.CompletedTask;
        });
        return Task.CompletedTask;
    }

    /// <summary>Goes through a call's steps in memory, on a thread of the pool.</summary>
    internal static Task RehearseAsync() => QuietlyAsync(Rehearsal.RunAsync);

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
