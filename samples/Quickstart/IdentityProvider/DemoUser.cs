namespace Quickstart.IdentityProvider;

/// <summary>One of the people who can sign in.</summary>
/// <param name="Id">Its <c>sub</c>, the same after every restart: grants outlive the process.</param>
/// <param name="Name">The full name.</param>
/// <param name="Email">A mail address that exists nowhere.</param>
public sealed record DemoUser(string Id, string Name, string Email)
{
    /// <summary>Everyone there is.</summary>
    public static IReadOnlyList<DemoUser> All { get; } =
    [
        new("ada", "Ada Lovelace", "ada@shop.example"),
        new("bob", "Bob Kahn", "bob@shop.example"),
        new("mallory", "Mallory Malone", "mallory@shop.example"),
    ];

    /// <summary>Null where nobody has that id.</summary>
    public static DemoUser? Find(string? id) => All.FirstOrDefault(user => user.Id == id);
}
