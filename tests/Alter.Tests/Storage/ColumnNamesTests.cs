using System.Text;
using Alter.Storage.Wire;
using CsCheck;

namespace Alter.Tests.Storage;

public sealed class ColumnNamesTests
{
    [Fact]
    public void A_name_is_what_it_says_whichever_came_before_it()
    {
        var names = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 3], Gen.String[0, 40]).Select(name => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)));
        names.Array[1, 50].Sample(some => Assert.All(some, name => Assert.Equal(name, ColumnNames.Of(Encoding.UTF8.GetBytes(name)))));
    }

    [Fact]
    public void The_same_name_is_one_string() => Assert.Same(ColumnNames.Of("created_at"u8), ColumnNames.Of("created_at"u8));
}
