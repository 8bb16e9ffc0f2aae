using System.Diagnostics.CodeAnalysis;

namespace Alter;

/// <summary>What an expected operation came to: a value, or a <see cref="Refusal"/>. Surprises are exceptions.</summary>
public readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? value;
    private readonly Refusal? refusal;
    private readonly bool succeeded;

    private Outcome(T? value, Refusal? refusal) => (this.value, this.refusal, succeeded) = (value, refusal, refusal is null);

    /// <summary>True with the value, or false with the reason.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = this.value;

        // A default(Outcome<T>) is neither; it must not pass for a success.
        refusal = succeeded ? null : this.refusal ?? new InternalError();
        return refusal is null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
