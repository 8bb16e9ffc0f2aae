namespace Alter.Audit;

/// <summary>How far the activity tables are with what one lane has written.</summary>
internal sealed class ActivityProgress
{
    private long projected = -1;
    private volatile bool isBroken;

    /// <summary>The last entry of the lane up to which all are in the activity tables; -1: none.</summary>
    public long Projected => Volatile.Read(ref projected);

    /// <summary>The activity tables did not take something, or are too slow: from there on the sealer replays it, once the lane has ended.</summary>
    public bool IsBroken => isBroken;

    /// <summary>All up to this entry are in the tables.</summary>
    internal void Reach(long sequence)
    {
        if (!isBroken)
        {
            Volatile.Write(ref projected, sequence);
        }
    }

    /// <summary>Something is not, and nothing behind it counts any more.</summary>
    internal void Break() => isBroken = true;
}
