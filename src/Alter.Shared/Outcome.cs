using System.Diagnostics.CodeAnalysis;

namespace Alter;

/// <summary>What an expected operation came to: a value, or a <see cref="Refusal"/>. Surprises are exceptions.</summary>
public readonly struct Outcome<T>
    where T : notnull
{
    private readonly T? value;
    private readonly Refusal? refusal;

    private Outcome(T? value, Refusal? refusal)
    {
        this.value = value;
        this.refusal = refusal;
    }

    /// <summary>True with the value, or false with the reason.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        value = this.value;
        // A default(Outcome<T>) is neither; it must not pass for a success.
        refusal = this.refusal ?? (this.value is null ? new InternalError() : null);
        return refusal is null;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
