namespace Alter.Bench;

/// <summary>How far a long run has come: said to whoever waits for it, never part of a report.</summary>
public static class Progress
{
    /// <summary>Where lines go; nowhere unless a command says so.</summary>
    public static Action<string> To { get; set; } = static _ => { };

    /// <summary>Says one line, with the time of day.</summary>
    public static void Say(string line) => To($"{TimeProvider.System.GetLocalNow():HH:mm:ss} {line}");
}
