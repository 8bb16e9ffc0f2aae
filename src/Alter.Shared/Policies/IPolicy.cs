namespace Alter.Policies;

/// <summary>A rule of the operator about calls. It is judged from facts alone: it asks nobody and remembers nothing.</summary>
public interface IPolicy
{
    /// <summary>What the operator calls it.</summary>
    string Name { get; }

    /// <summary>Its kind, as the document spells it.</summary>
    string Kind { get; }

    /// <summary>The rule as configured, short enough for an error.</summary>
    string Rule { get; }

    /// <summary>Whether the call may be made; null: it may. One that throws denies, see <see cref="PolicySet.Judge"/>.</summary>
    Denial? Judge(CallFacts facts);
}
