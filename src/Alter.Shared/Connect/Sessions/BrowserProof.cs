namespace Alter.Connect;

/// <summary>How the person in the browser is held to be the user of the session.</summary>
public enum BrowserProof
{
    /// <summary>The page says whose accounts are linked, and the person confirms it.</summary>
    Confirm,

    /// <summary>The browser signs in at the app's OpenID provider before it leaves for the provider.</summary>
    Identity,

    /// <summary>The grant waits until the app's backend completes it with a code that only this browser received.</summary>
    Complete,
}

/// <summary>The wire names of <see cref="BrowserProof"/>.</summary>
public static class BrowserProofNames
{
    private static readonly string[] Names = ["confirm", "identity", "complete"];

    /// <summary>The wire name.</summary>
    public static string ToWire(this BrowserProof proof) => Names[(int)proof];

    /// <summary>Reads a wire name.</summary>
    public static bool TryParse(string? name, out BrowserProof proof)
    {
        var at = Array.IndexOf(Names, name);
        proof = (BrowserProof)Math.Max(at, 0);
        return at >= 0;
    }
}
