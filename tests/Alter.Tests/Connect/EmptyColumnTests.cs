using Alter.Connect;

namespace Alter.Tests.Connect;

/// <summary>A storage writer adds a column that was not there, as empty text, which a row's MAC takes for missing (security A35).</summary>
public sealed class EmptyColumnTests(SharedAzurite azurite) : ConnectFixture(azurite)
{
    [Theory]
    [InlineData("last_return")]
    [InlineData("origin")]
    public async Task An_empty_column_that_was_missing_is_found_or_changes_nothing(string column)
    {
        var session = await SessionAsync();
        var key = (await Vault.ConnectTokens.ReadSessionAsync(session, Cancellation))!;
        Assert.True((await Vault.Sessions.FindAsync(key, Cancellation)).Succeeded(out var before, out _));
        await EditAsync(key, column, _ => "");

        if ((await Vault.Sessions.FindAsync(key, Cancellation)).Succeeded(out var after, out var refusal))
        {
            Assert.Equal((before.AllowedOrigin, before.LastReturn), (after.AllowedOrigin, after.LastReturn));
        }
        else
        {
            Assert.IsType<ConnectSessionExpired>(refusal);
        }
    }
}
