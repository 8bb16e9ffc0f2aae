namespace Alter;

/// <summary>
/// Whose grants these are: one user of one app, named by the issuer and the value of the app's user-id claim, or the app itself.
/// </summary>
/// <param name="App">The app's id in the document.</param>
/// <param name="Issuer">The issuer of the user's tokens; empty where the app owns its grants.</param>
/// <param name="Claim">The name of the user-id claim, usually <c>sub</c>.</param>
/// <param name="Value">The claim's value, compared byte for byte.</param>
public sealed record UserId(string App, string Issuer, string Claim, string Value)
{
    /// <summary>The one owner of an app without identity provider.</summary>
    public static UserId AppItself(string app) => new(app, "", "", "");

    /// <summary>Ids are personal data: they are never printed.</summary>
    public override string ToString() => $"[user of {App}]";
}
