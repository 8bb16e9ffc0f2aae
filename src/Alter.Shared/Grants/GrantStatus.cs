namespace Alter.Grants;

/// <summary>Where a grant stands. Only <see cref="Active"/> releases a token, and only under a valid row MAC.</summary>
public enum GrantStatus
{
    Active,

    /// <summary>Connected, but the app's backend has not yet confirmed whose browser it was.</summary>
    Pending,

    /// <summary>Past its lifetime.</summary>
    Expired,

    /// <summary>Revoked through the vault.</summary>
    Revoked,

    /// <summary>The provider no longer honours it.</summary>
    CredentialRevoked,
}

/// <summary>The wire names of <see cref="GrantStatus"/>.</summary>
public static class GrantStatusNames
{
    private static readonly string[] Names = ["active", "pending", "expired", "revoked", "credential_revoked"];

    /// <summary>The wire name.</summary>
    public static string ToWire(this GrantStatus status) => Names[(int)status];

    /// <summary>Reads a wire name.</summary>
    public static bool TryParse(string? name, out GrantStatus status)
    {
        var at = Array.IndexOf(Names, name);
        status = (GrantStatus)Math.Max(at, 0);
        return at >= 0;
    }
}
