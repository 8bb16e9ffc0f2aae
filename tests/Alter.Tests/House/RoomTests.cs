namespace Alter.Tests.House;

public sealed class RoomTests
{
    [Fact]
    public void Every_room_knows_only_the_rooms_before_it()
    {
        var files = Repository.Files(Rooms.Folder, ".cs");

        Assert.NotEmpty(files);
        Assert.Empty(files.SelectMany(Rooms.FaultsOf));
    }

    [Theory]
    [InlineData("Keys", "using Alter.Providers;")]
    [InlineData("Keys", "using static Alter.Grants.GrantId;")]
    [InlineData("Keys", "using Grant = global::Alter.Grants.Grant;")]
    [InlineData("Keys", "    Alter.Connect.ConnectSession session;")]
    [InlineData("Keys", "    public Grants.GrantStore Store { get; }")]
    [InlineData("Keys", "namespace Alter.Tokens;")]
    [InlineData("Keys", "global using Alter.Storage;")]
    [InlineData("Common", "namespace Alter.Common;")]
    public void A_file_that_breaks_the_order_is_found(string room, string line) =>
        Assert.NotEmpty(Rooms.FaultsOf(new SourceFile($"{Rooms.Folder}/{room}/Example.cs", line)));

    [Theory]
    [InlineData("Keys", "using Alter.Storage;\n\nnamespace Alter.Keys;")]
    [InlineData("Keys", "/// <see cref=\"Alter.Grants.Grant\"/>\nnamespace Alter.Keys;")]
    [InlineData("Keys", "namespace Alter.Keys;\nint count = Grants.Count;")]
    [InlineData("Forwarding", "using Alter.Connect;\n\nnamespace Alter.Forwarding;")]
    public void A_file_in_order_has_no_fault(string room, string text) =>
        Assert.Empty(Rooms.FaultsOf(new SourceFile($"{Rooms.Folder}/{room}/Example.cs", text)));
}
