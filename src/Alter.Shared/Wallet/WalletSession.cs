namespace Alter.Wallet;

/// <summary>Who is signed in to the Wallet with a browser. It lies in a sealed cookie and nowhere else.</summary>
/// <param name="IdentityProvider">Where they signed in, by its id in the document.</param>
/// <param name="Issuer">The concrete issuer that said who they are.</param>
/// <param name="Label">What people call them: name, mail address, else subject.</param>
/// <param name="Users">By identity provider of this issuer: whom its own claim mapping names.</param>
/// <param name="CsrfToken">What every change has to bring along: 256 random bits that only the Wallet's own page is told.</param>
/// <param name="SignedInAt">When.</param>
public sealed record WalletSession(
    string IdentityProvider,
    string Issuer,
    string Label,
    IReadOnlyDictionary<string, WalletSession.MappedUser> Users,
    string CsrfToken,
    DateTimeOffset SignedInAt)
{
    /// <summary>From the sign-in on, used or not.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>Who somebody is, is personal: never printed.</summary>
    public override string ToString() => "[wallet session]";

    /// <summary>A user as one identity provider's mapping names them.</summary>
    /// <param name="Claim">The user-id claim.</param>
    /// <param name="Value">Its value.</param>
    public sealed record MappedUser(string Claim, string Value)
    {
        /// <summary>Who somebody is, is personal: never printed.</summary>
        public override string ToString() => "[mapped user]";
    }
}

/// <summary>A sign-in to the Wallet that a browser has begun. It lies in a sealed cookie, so that nobody fills storage without being known.</summary>
/// <param name="IdentityProvider">Where.</param>
/// <param name="Issuer">Its concrete issuer.</param>
/// <param name="State">RFC 6749 §10.12: ties the answer to this browser.</param>
/// <param name="Nonce">OpenID Connect Core §3.1.2.1: ties the id token to this sign-in.</param>
/// <param name="CodeVerifier">RFC 7636 §4.1.</param>
/// <param name="BegunAt">When.</param>
public sealed record WalletSignInStep(string IdentityProvider, string Issuer, string State, string Nonce, string CodeVerifier, DateTimeOffset BegunAt)
{
    /// <summary>How long somebody may take to sign in.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Secrets never print.</summary>
    public override string ToString() => "[wallet sign-in]";
}
