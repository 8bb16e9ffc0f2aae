namespace Alter.Policies;

/// <summary>Why a rule forbids a call.</summary>
/// <param name="Message">One sentence for a developer.</param>
/// <param name="RetryAfter">Until it allows such a call again; null: nobody knows.</param>
public sealed record Denial(string Message, TimeSpan? RetryAfter = null)
{
    /// <summary>What was thrown while the rule was judged: nothing was decided, so it denies. For the log alone.</summary>
    public Exception? Fault { get; init; }
}
