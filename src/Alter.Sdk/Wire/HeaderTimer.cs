namespace Alter.Sdk;

/// <summary>Runs out when no answer begins in time. It stands still while a body is being sent: a long upload is no silence.</summary>
internal sealed class HeaderTimer(TimeSpan patience, TimeProvider time) : IDisposable
{
    private readonly object gate = new();
    private readonly CancellationTokenSource source = new(patience, time);
    private bool isOver;

    internal CancellationToken Token => source.Token;

    internal void OnSending(bool isSending)
    {
        lock (gate)
        {
            // An answer may begin before the body has left entirely; what happens to the body then is no longer ours to time.
            if (!isOver)
            {
                source.CancelAfter(isSending ? Timeout.InfiniteTimeSpan : patience);
            }
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            source.Dispose();
        }
    }
}
