namespace Alter.Storage.Wire;

/// <summary>How long one storage request may take. Its source of cancellation and its timer serve many requests: each call of the vault makes several, and one that lasts too long is rare.</summary>
internal readonly struct Patience
{
    [ThreadStatic]
    private static CancellationTokenSource? spare;

    private readonly CancellationTokenSource source;
    private readonly CancellationTokenRegistration caller;

    private Patience(CancellationTokenSource source, CancellationTokenRegistration caller) => (this.source, this.caller) = (source, caller);

    /// <summary>Is cancelled once it is over, or the caller leaves.</summary>
    internal CancellationToken Token => source.Token;

    /// <summary>Begins it.</summary>
    /// <param name="length">How long.</param>
    /// <param name="cancellationToken">The caller's.</param>
    internal static Patience Begin(TimeSpan length, CancellationToken cancellationToken)
    {
        var source = spare ?? new CancellationTokenSource();
        spare = null;
        source.CancelAfter(length);
        return new Patience(source, cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source));
    }

    /// <summary>Nothing waits on <see cref="Token"/> any more.</summary>
    internal void End()
    {
        caller.Dispose(); // Once it has returned, the caller's leaving no longer reaches the source.
        if (source.TryReset())
        {
            spare = source;
        }
        else
        {
            source.Dispose();
        }
    }
}
