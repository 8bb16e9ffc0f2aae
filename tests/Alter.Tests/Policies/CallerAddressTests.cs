using System.Net;
using Alter.Policies;

namespace Alter.Tests.Policies;

/// <summary>Ranges at their edges, and the one entry of a header that is not the caller's own word.</summary>
public sealed class CallerAddressTests
{
    [Theory]
    [InlineData("203.0.113.0/24", "203.0.113.0", true)]
    [InlineData("203.0.113.0/24", "203.0.113.255", true)]
    [InlineData("203.0.113.0/24", "203.0.112.255", false)]
    [InlineData("203.0.113.0/24", "203.0.114.0", false)]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.7", "203.0.113.6", false)]
    [InlineData("203.0.113.8/31", "203.0.113.9", true)]
    [InlineData("203.0.113.8/31", "203.0.113.10", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)] // The other family is not meant.
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.7", false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff:ffff::", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::", false)]
    [InlineData("2001:db8::1", "2001:db8::1", true)]
    [InlineData("203.0.113.0/24", "::ffff:203.0.113.7", true)] // As a dual-stack socket gives it.
    [InlineData("203.0.113.0/24", "::203.0.113.7", false)]
    public void A_range_holds_its_first_and_its_last_address_and_no_more(string range, string address, bool holds) =>
        Assert.Equal(holds, AddressRange.Parse(range, out _)!.Contains(IPAddress.Parse(address)));

    [Theory]
    [InlineData("")]
    [InlineData("203.0.113.0/33")]
    [InlineData("203.0.113.0/024")]
    [InlineData("203.0.113.0/")]
    [InlineData("203.0.113.0/+8")]
    [InlineData("203.0.113.0/24/24")]
    [InlineData("203.0.113.1/24")]
    [InlineData("2001:db8::1/32")]
    [InlineData("2001:db8::/129")]
    [InlineData("203.0.113")]
    [InlineData("3405803776")]
    [InlineData("0xcb.0.113.0")]
    [InlineData("0313.0.113.0")]
    [InlineData("::ffff:203.0.113.0/120")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[2001:db8::]/32")]
    [InlineData("*")]
    [InlineData("localhost")]
    public void What_is_no_range_or_two_things_at_once_is_refused(string text) => Assert.Null(AddressRange.Parse(text, out _));

    [Theory]
    [InlineData(1, "203.0.113.7", "203.0.113.7")]
    [InlineData(1, "203.0.113.7:49152", "203.0.113.7")]
    [InlineData(1, "[2001:db8::7]:49152", "2001:db8::7")]
    [InlineData(1, "[2001:db8::7]", "2001:db8::7")]
    [InlineData(1, "2001:db8::7", "2001:db8::7")]
    [InlineData(1, "::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData(1, "[::ffff:203.0.113.7]:80", "203.0.113.7")]
    [InlineData(1, "10.0.0.1, 203.0.113.7:49152", "203.0.113.7")] // The left one is what the caller sent.
    [InlineData(1, "10.0.0.1,10.0.0.1 ,\t203.0.113.7 ", "203.0.113.7")]
    [InlineData(2, "10.0.0.1, 203.0.113.7, 192.0.2.1:443", "203.0.113.7")]
    [InlineData(2, "203.0.113.7, junk", "203.0.113.7")]
    public void Trusted_hops_are_counted_from_the_right(int hops, string header, string expected) =>
        Assert.Equal(IPAddress.Parse(expected), new CallerAddressRule("X-Forwarded-For", hops).Read(header));

    [Theory]
    [InlineData(1, null)]
    [InlineData(1, "")]
    [InlineData(1, "unknown")]
    [InlineData(1, "10.0.0.1, ")]
    [InlineData(1, "10.0.0.1,")]
    [InlineData(2, "10.0.0.1")] // Fewer hops than promised: this came another way.
    [InlineData(1, "203.0.113.7:")]
    [InlineData(1, "203.0.113.7:x")]
    [InlineData(1, "203.0.113.7:123456")]
    [InlineData(1, "[203.0.113.7]:80")]
    [InlineData(1, "[2001:db8::7")]
    [InlineData(1, "[2001:db8::7]x")]
    [InlineData(1, "2001:db8::7%eth0")]
    [InlineData(1, "127.1")]
    [InlineData(1, "\"203.0.113.7\"")]
    [InlineData(1, "for=203.0.113.7")]
    public void A_header_that_does_not_read_tells_nobody(int hops, string? header) => Assert.Null(new CallerAddressRule("x-forwarded-for", hops).Read(header));

    [Fact]
    public void A_header_of_one_entry_with_two_tells_nobody()
    {
        var rule = new CallerAddressRule("X-Azure-SocketIP", 1);

        Assert.Equal(IPAddress.Parse("203.0.113.7"), rule.Read("203.0.113.7"));
        Assert.Null(rule.Read("10.0.0.1, 203.0.113.7"));
    }

    [Fact]
    public void A_header_of_any_length_is_bounded() =>
        Assert.Null(new CallerAddressRule("X-Forwarded-For", 1).Read(string.Join(',', Enumerable.Repeat("10.0.0.1", 1000))));

    [Fact]
    public void An_unknown_address_denies_and_a_foreign_one_is_named()
    {
        var policy = new CallerAddressPolicy("office", [AddressRange.Parse("203.0.113.0/24", out _)!]);
        var facts = new CallFacts { At = default, Method = "GET", PathAndQuery = "/" };

        Assert.Contains("not known", policy.Judge(facts)!.Message, StringComparison.Ordinal);
        Assert.Contains("192.0.2.1", policy.Judge(facts with { CallerAddress = IPAddress.Parse("192.0.2.1") })!.Message, StringComparison.Ordinal);
        Assert.Null(policy.Judge(facts with { CallerAddress = IPAddress.Parse("203.0.113.9") }));
        Assert.Equal("203.0.113.0/24", policy.Rule);
    }
}
