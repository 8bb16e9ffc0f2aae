namespace Alter.Grants;

/// <summary>What of a grant the record keeps.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Generation">Its token set.</param>
/// <param name="Outcome">What its provider said to its end.</param>
public sealed record GrantStanding(GrantStatus Status, int Generation, string? Outcome);

/// <summary>A change of a grant that was stored.</summary>
/// <param name="Before">As it was read; null: it is new.</param>
/// <param name="After">As it is now.</param>
/// <param name="IsConnect">A person's visit to Connect made it.</param>
/// <param name="IsRemoval">The row is gone.</param>
public sealed record GrantChange(GrantStanding? Before, Grant After, bool IsConnect = false, bool IsRemoval = false);

/// <summary>Is told of each change once it is stored; it neither fails nor takes time.</summary>
public delegate void GrantWitness(GrantChange change);
