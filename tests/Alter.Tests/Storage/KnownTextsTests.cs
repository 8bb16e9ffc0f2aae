using System.Text;
using Alter.Storage.Wire;
using CsCheck;

namespace Alter.Tests.Storage;

public sealed class KnownTextsTests
{
    [Fact]
    public void A_text_is_what_it_says_whichever_came_before_it()
    {
        var texts = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 3], Gen.String[Gen.Char["ab"], 7, 20], Gen.String[0, 40], Gen.String[Gen.Char["ab"], 250, 260]);
        texts.Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))).Array[1, 50].Sample(some => Assert.All(some, text => Assert.Equal(text, KnownTexts.Of(Encoding.UTF8.GetBytes(text)))));
    }

    [Fact]
    public void The_same_text_is_one_string() => Assert.Same(KnownTexts.Of("created_at"u8), KnownTexts.Of("created_at"u8));

    [Fact]
    public void What_grants_have_in_common_is_one_string_and_what_escapes_stand_for_with_it()
    {
        var rows = new List<TableRow>();
        TableRowJson.ReadAll("""{"value":[{"app":"shop","scopes":"[\"read\",\"\u00e4\"]","gid":"1"},{"app":"shop","scopes":"[\"read\",\"\u00e4\"]","gid":"1"}]}"""u8, rows);
        TableRowJson.ReadAll("""{"value":[{"scopes":"[\"read\"]"},{"scopes":"[\"read\"]"},{"scopes":"[\"write\"]"}]}"""u8, rows);

        Assert.Equal(["[\"read\",\"ä\"]", "[\"read\",\"ä\"]", "[\"read\"]", "[\"read\"]", "[\"write\"]"], rows.Select(row => row["scopes"]));
        Assert.Same(rows[0]["app"], rows[1]["app"]);
        Assert.Same(rows[2]["scopes"], rows[3]["scopes"]);
        Assert.NotSame(rows[0]["gid"], rows[1]["gid"]); // A person's is kept nowhere.
    }
}
