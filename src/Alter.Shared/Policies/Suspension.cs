namespace Alter.Policies;

/// <summary>
/// How much the operator has stopped. While it is, no token is released, renewed or obtained; listing and revoking go on, for they only ever take away.
/// </summary>
public enum Suspension
{
    /// <summary>The whole vault.</summary>
    All,

    /// <summary>One app.</summary>
    App,

    /// <summary>One provider of one app.</summary>
    Provider,
}

/// <summary>How a <see cref="Suspension"/> is told.</summary>
public static class SuspensionWords
{
    /// <summary>The rule's wire name.</summary>
    public static string ToWire(this Suspension suspension) => suspension switch
    {
        Suspension.Provider => "provider",
        Suspension.App => "app",
        _ => "all",
    };

    /// <summary>What callers are told.</summary>
    public static string ToMessage(this Suspension suspension) => suspension switch
    {
        Suspension.Provider => "The operator of the vault has suspended this provider for this app. Grants are kept; calls work again once it is resumed.",
        Suspension.App => "The operator of the vault has suspended this app. Grants are kept; calls work again once it is resumed.",
        _ => "The operator has suspended this vault. Grants are kept; calls work again once it is resumed.",
    };
}
