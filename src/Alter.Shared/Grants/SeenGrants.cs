using System.Collections.Concurrent;

namespace Alter.Grants;

/// <summary>
/// What this process has seen grants become: their newest generation, and that they were revoked. Somebody who can write to storage can put back a whole
/// earlier row, which nothing in the row betrays; an instance that saw the later one refuses it (security A36). It is a memory of one process, never a
/// cache: nothing is ever released because of it.
/// </summary>
public sealed class SeenGrants
{
    private const int Revoked = int.MaxValue;
    private const int MaxRemembered = 50_000;
    private readonly ConcurrentDictionary<Guid, int> newest = new();

    /// <summary>Whether a later state of the grant than this was seen.</summary>
    public bool IsPast(Grant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return newest.TryGetValue(grant.Id, out var generation) && grant.Generation < generation;
    }

    /// <summary>A row that proved to be as the vault wrote it.</summary>
    public void Note(Grant authentic)
    {
        ArgumentNullException.ThrowIfNull(authentic);
        Note(authentic.Id, authentic.Generation);
    }

    /// <summary>A grant this process revoked. Its id never comes back to life: connecting the account again makes a grant of its own.</summary>
    public void NoteRevoked(Guid id) => Note(id, Revoked);

    private void Note(Guid id, int generation)
    {
        if (newest.TryGetValue(id, out var known) && known >= generation)
        {
            return;
        }

        if (newest.Count >= MaxRemembered)
        {
            newest.Clear(); // Forgetting costs a suspicion, not a fact.
        }

        newest.AddOrUpdate(id, generation, (_, other) => Math.Max(other, generation));
    }
}
