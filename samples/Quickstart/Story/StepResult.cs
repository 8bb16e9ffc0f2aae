namespace Quickstart.Story;

/// <summary>How one step of the story went.</summary>
/// <param name="Title">A sentence.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Fault">Null: it held. Else what was expected and what came.</param>
public sealed record StepResult(string Title, TimeSpan Elapsed, string? Fault)
{
    /// <summary>Whether it went as told.</summary>
    public bool Held => Fault is null;
}
