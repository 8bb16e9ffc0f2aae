namespace Alter;

/// <summary>A value that is made once for all callers. A failure is not kept: the next caller tries again.</summary>
/// <remarks>The making is shared, so it is not cancelled by one caller; that caller only stops waiting.</remarks>
public sealed class Once<T>(Func<Task<T>> make)
{
    private readonly Lock gate = new();
    private Task<T>? making;

    /// <summary>The value; the first caller pays for it.</summary>
    public Task<T> GetAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (making is null or { IsFaulted: true } or { IsCanceled: true })
            {
                making = make();
            }

            return making.IsCompletedSuccessfully ? making : making.WaitAsync(cancellationToken);
        }
    }
}
