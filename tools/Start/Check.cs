namespace Alter.Start;

internal sealed class Check(Checkout checkout, Terminal terminal, TimeProvider time)
{
    public Task<bool> RunAsync(int workers, CancellationToken cancellationToken) => Task.FromResult(checkout is not null && terminal is not null && time is not null && workers > 0 && !cancellationToken.IsCancellationRequested);
}
