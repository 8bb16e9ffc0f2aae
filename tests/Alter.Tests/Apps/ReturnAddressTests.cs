using Alter.Apps;
using CsCheck;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Tests.Apps;

public class ReturnAddressTests
{
    private static readonly Uri[] Allowed = [new("https://app.example.com/connected"), new("http://localhost:3000/")];

    [Theory]
    [InlineData("https://app.example.com/connected", "https://app.example.com/connected")]
    [InlineData("https://app.example.com/connected/", "https://app.example.com/connected/")]
    [InlineData("https://app.example.com/connected/7?tab=a%20b&x=1", "https://app.example.com/connected/7?tab=a%20b&x=1")]
    [InlineData("HTTPS://APP.example.com:443/connected", "https://app.example.com/connected")]
    [InlineData("http://localhost:3000/anything", "http://localhost:3000/anything")]
    public void An_address_at_or_below_an_allowed_one_is_taken(string raw, string expected)
    {
        Assert.True(ReturnAddress.TryParse(raw, Allowed, out var address));
        Assert.Equal(expected, address.AbsoluteUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/connected")]
    [InlineData("//app.example.com/connected")]
    [InlineData("https:/app.example.com/connected")]
    [InlineData("https:\\\\app.example.com/connected")]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://app.example.com/connected")]
    [InlineData("https://app.example.com:444/connected")]
    [InlineData("https://app.example.com.evil/connected")]
    [InlineData("https://app.example.com@evil.com/connected")]
    [InlineData("https://user@app.example.com/connected")]
    [InlineData("https://evil.com\\@app.example.com/connected")]
    [InlineData("https://evil.com#@app.example.com/connected")]
    [InlineData("https://app.example.com/connected#x")]
    [InlineData("https://app.example.com/connected#")]
    [InlineData("https://app.example.com/connectedevil")]
    [InlineData("https://app.example.com/Connected")]
    [InlineData("https://app.example.com/connected/../admin")]
    [InlineData("https://app.example.com/connected/..")]
    [InlineData("https://app.example.com/x/../connected")]
    [InlineData("https://app.example.com/connected/./x")]
    [InlineData("https://app.example.com/connected/%2e%2e/admin")]
    [InlineData("https://app.example.com/connected/.%2E/admin")]
    [InlineData("https://app.example.com/connected/..;/admin")]
    [InlineData("https://app.example.com/connected/%252e%252e/admin")]
    [InlineData("https://app.example.com/connected%2f..%2fadmin")]
    [InlineData("https://app.example.com/connected/..%5cadmin")]
    [InlineData("https://app.example.com/connected/%0d%0aSet-Cookie:x")]
    [InlineData("https://app.example.com/connected/\r\n")]
    [InlineData(" https://app.example.com/connected")]
    [InlineData("https://app.example.com/connected ")]
    [InlineData("https://app。example.com/connected")]
    [InlineData("https://ａpp.example.com/connected")]
    [InlineData("https://loca\u212Ahost/")]
    [InlineData("http://127.0.0.1:3000/")]
    [InlineData("http://0x7f.1:3000/")]
    [InlineData("http://localhost:03000/")]
    public void An_address_that_only_looks_allowed_is_refused(string raw) => Assert.False(ReturnAddress.TryParse(raw, Allowed, out _));

    [Theory]
    [InlineData("?alter_connect_success=true&grant_id=x&tab=1&status=active", "?tab=1")]
    [InlineData("?ALTER_connect_anything=1", "")]
    [InlineData("?alter%5Fconnect_success=true", "")]
    [InlineData("?alter.connect.success=true&grant.id=1&+grant_id=1&grant_id[]=1", "")]
    [InlineData("?provider&provider_name&account_identifier&timestamp&operation&scopes&error_code&error_description&completion_code", "")]
    [InlineData("?providers=1&grant=2", "?providers=1&grant=2")]
    public void Names_of_results_are_removed_from_the_query(string query, string expected)
    {
        Assert.True(ReturnAddress.TryParse("https://app.example.com/connected" + query, Allowed, out var address));
        Assert.Equal(expected, address.Query);
    }

    [Fact]
    public void Whatever_is_taken_stays_at_the_allowed_place()
    {
        var pieces = Gen.OneOf("/", "..", "%2e", ".", "\\", "@", "evil.com", "connected", "?", "#", ":", "%2f", ";", "app.example.com", "https:", "&", "grant_id=1", "a", "%");
        pieces.Array[0, 12].Sample(iter: 20_000, assert: parts =>
        {
            if (ReturnAddress.TryParse("https://app.example.com" + string.Concat(parts), Allowed, out var address))
            {
                var again = new Uri(address.AbsoluteUri);
                Assert.Equal("https://app.example.com", again.GetLeftPart(UriPartial.Authority));
                Assert.Matches("^/connected(/|$)", again.AbsolutePath);
                Assert.DoesNotContain("grant_id", QueryHelpers.ParseQuery(again.Query).Keys);
            }
        });
    }

    [Theory]
    [InlineData("https://shop.acme.com", "https://shop.acme.com")]
    [InlineData("https://Shop.Acme.com/", "https://shop.acme.com")]
    [InlineData("https://shop.acme.com:443", "https://shop.acme.com")]
    [InlineData("https://shop.acme.com:8443", "https://shop.acme.com:8443")]
    [InlineData("http://localhost:5173", "http://localhost:5173")]
    [InlineData("http://[::1]:5173", "http://[::1]:5173")]
    public void An_origin_is_spelled_as_browsers_do(string raw, string expected)
    {
        Assert.True(AppOrigin.TryNormalize(raw, allowLoopbackHttp: true, out var origin));
        Assert.Equal(expected, origin);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("*")]
    [InlineData("https://*")]
    [InlineData("https://*.acme.com")]
    [InlineData("https://shop.acme.com/x")]
    [InlineData("https://shop.acme.com?x")]
    [InlineData("https://a@shop.acme.com")]
    [InlineData("https://shop.acme.com//")]
    [InlineData("http://shop.acme.com")]
    [InlineData("http://localhost.evil.com")]
    [InlineData("http://127.1:80")]
    [InlineData("http://loopback:80")]
    [InlineData("ftp://localhost")]
    [InlineData("https://shop.acme.com:99999")]
    public void What_is_no_origin_is_refused(string? raw) => Assert.False(AppOrigin.TryNormalize(raw, allowLoopbackHttp: true, out _));

    [Fact]
    public void Http_is_an_origin_in_development_only() => Assert.False(AppOrigin.TryNormalize("http://localhost:5173", allowLoopbackHttp: false, out _));
}
