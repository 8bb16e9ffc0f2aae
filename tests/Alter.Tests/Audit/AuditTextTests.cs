using Alter.Audit;

namespace Alter.Tests.Audit;

public sealed class AuditTextTests
{
    [Theory]
    [InlineData("nightly sync", "nightly sync")]
    [InlineData("a\u0000b\u001b[2Jc\r\nd\te", "ab[2Jcde")]
    [InlineData("a\u0085b\u009bc", "abc")]
    [InlineData("invoice\u202Efdp.exe\u2066\u200F\u061C", "invoicefdp.exe")]
    [InlineData("one\u2028two\u2029three", "onetwothree")]
    [InlineData("half \ud83d pair", "half  pair")]
    [InlineData("Zoë 😀 株式会社", "Zoë 😀 株式会社")]
    public void Text_loses_what_could_repaint_or_turn_a_line(string text, string kept) => Assert.Equal(kept, AuditText.Clean(text, 100));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("\u202E\u0007")]
    public void Nothing_left_is_nothing_said(string? text) => Assert.Null(AuditText.Clean(text, 100));

    [Fact]
    public void A_pair_is_not_cut_in_half() => Assert.Equal("aaa", AuditText.Clean("aaa😀", 4));

    // A29.
    [Theory]
    [InlineData("=HYPERLINK(\"http://evil.example\")", "\"'=HYPERLINK(\"\"http://evil.example\"\")\"")]
    [InlineData("+1", "\"'+1\"")]
    [InlineData("-1", "\"'-1\"")]
    [InlineData("@SUM(A1)", "\"'@SUM(A1)\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData("\uff1d1+1", "\"'\uff1d1+1\"")]
    [InlineData("why;=1+1;@x; =1", "\"why;'=1+1;'@x; =1\"")]
    [InlineData("a,b\"c", "\"a,b\"\"c\"")]
    [InlineData("a-b=c;d", "\"a-b=c;d\"")]
    [InlineData("", "\"\"")]
    public void No_cell_of_a_csv_is_a_formula(string text, string cell) => Assert.Equal(cell, AuditCsv.Cell(text));

    [Fact]
    public void A_line_has_a_cell_for_every_name()
    {
        var entry = new AuditEntry { Kind = AuditKinds.End, Id = "1", At = default, App = "shop", Reason = "=1+1", Outcome = AuditOutcomes.Answered, Status = 200 };
        Assert.Equal(AuditCsv.Header.Split("\",\"").Length, AuditCsv.Line(entry).Split("\",\"").Length);
        Assert.Contains("\"'=1+1\"", AuditCsv.Line(entry), StringComparison.Ordinal);
    }
}
