using Alter.Providers;
using CsCheck;

namespace Alter.Tests.Providers;

public class TargetUrlTests
{
    [Theory]
    [InlineData("https://api.github.com/user", "api.github.com", "https://api.github.com/user")]
    [InlineData("HTTPS://API.GitHub.com/User", "api.github.com", "https://api.github.com/User")]
    [InlineData("https://api.acme.com:8443/v2?a=1&b=@x", "api.acme.com:8443", "https://api.acme.com:8443/v2?a=1&b=@x")]
    [InlineData("https://api.github.com:443/user", "api.github.com:443", "https://api.github.com/user")]
    public void A_plain_url_is_taken(string raw, string host, string uri)
    {
        var url = Parsed(raw);

        Assert.Equal(host, url.Host);
        Assert.Equal(uri, url.Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("/a/../b/./c", "/a/../b/./c")]
    [InlineData("/a/%2e%2e/%2f%5C;x//y", "/a/%2e%2e/%2f%5C;x//y")]
    [InlineData("/%7euser/%zz/{id}/a|b^`<>\"?q=%2F%e4&x=\"", "/%7euser/%zz/{id}/a|b^`<>\"?q=%2F%e4&x=\"")]
    [InlineData("", "/")]
    [InlineData("?a=1", "/?a=1")]
    public void Path_and_query_go_out_as_they_came(string rest, string sent) => Assert.Equal(sent, Parsed("https://api.acme.com" + rest).Uri.PathAndQuery);

    [Theory]
    [InlineData("")]
    [InlineData("/user")]
    [InlineData("//api.github.com/user")]
    [InlineData("https:/api.github.com/user")]
    [InlineData("https:///api.github.com/user")]
    [InlineData("http://api.github.com/user")]
    [InlineData("ftp://api.github.com/user")]
    [InlineData("file:///etc/passwd")]
    [InlineData(" https://api.github.com/user")]
    [InlineData("\thttps://api.github.com/user")]
    [InlineData("https://api.github.com/user ")]
    [InlineData("https://api.github.com/a b")]
    [InlineData("https://api.github.com/user\r\nX-Evil: 1")]
    [InlineData("https://api.github.com/user\0")]
    [InlineData("https://api。github。com/user")]
    [InlineData("https://api.github.com／user")]
    [InlineData("https://ａｐｉ.github.com/user")]
    [InlineData("https://ⓐpi.github.com/user")]
    [InlineData("https://api.github.com\u212A/")]
    [InlineData("https://api.github.com./user")]
    [InlineData("https://.api.github.com/user")]
    [InlineData("https://api..github.com/user")]
    [InlineData("https://api.github.com:0443/user")]
    [InlineData("https://api.github.com:/user")]
    [InlineData("https://api.github.com:99999/user")]
    [InlineData("https://api.github.com:443:80/user")]
    [InlineData("https://api.github.com%2f@evil.com/user")]
    [InlineData("https://api.github.com@evil.com/user")]
    [InlineData("https://user:password@api.github.com/user")]
    [InlineData("https://evil.com\\@api.github.com/user")]
    [InlineData("https://evil.com\\.api.github.com/user")]
    [InlineData("https://evil.com#.api.github.com/user")]
    [InlineData("https://api.github.com/user#x")]
    [InlineData("https://api%2egithub.com/user")]
    [InlineData("https://api_github.com/user")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://10.0.0.1:8443/")]
    [InlineData("https://api.1/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://localhost/")]
    [InlineData("http://localhost:7074/")]
    [InlineData("http://127.0.0.1:7074/")]
    public void A_trick_is_refused_and_not_repeated(string raw)
    {
        Assert.False(TargetUrl.Parse(raw, allowLoopbackHttp: false).Succeeded(out _, out var refusal));
        var refused = Assert.IsType<UrlNotAllowed>(refusal);
        Assert.Null(refused.UrlHost);
        Assert.DoesNotContain("evil", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:7074/events", true)]
    [InlineData("http://127.0.0.1:7074/events", true)]
    [InlineData("http://localhost/events", false)]
    [InlineData("http://localhost.evil.com:7074/", false)]
    [InlineData("http://localhost:7074@evil.com/", false)]
    [InlineData("http://127.0.0.2:7074/", false)]
    [InlineData("http://127.1:7074/", false)]
    [InlineData("http://0x7f.1:7074/", false)]
    [InlineData("http://[::1]:7074/", false)]
    [InlineData("http://loopback:7074/", false)]
    [InlineData("https://localhost:7074/", false)]
    [InlineData("http://api.acme.com:7074/", false)]
    public void A_local_definition_opens_http_on_this_machine_and_nothing_else(string raw, bool allowed) =>
        Assert.Equal(allowed, TargetUrl.Parse(raw, allowLoopbackHttp: true).Succeeded(out _, out _));

    [Fact]
    public void A_url_over_its_limit_is_too_large()
    {
        Assert.False(TargetUrl.Parse("https://api.acme.com/" + new string('a', 8172), false).Succeeded(out _, out var refusal));

        Assert.Equal(8192, Assert.IsType<RequestTooLarge>(refusal).Limit);
        Assert.Equal(8192, Parsed("https://api.acme.com/" + new string('a', 8171)).Uri.AbsoluteUri.Length);
    }

    [Theory]
    [InlineData("https://api.acme.com/", "api.acme.com", true)]
    [InlineData("https://api.acme.com:443/", "api.acme.com", false)] // Spelled as configured.
    [InlineData("https://api.acme.com:8443/", "api.acme.com", false)]
    [InlineData("https://api.acme.com:8443/", "api.acme.com:8443", true)]
    [InlineData("https://api.acme.com.evil.com/", "api.acme.com", false)]
    [InlineData("https://evil-api.acme.com/", "api.acme.com", false)]
    [InlineData("https://gmail.googleapis.com/", "*.googleapis.com", true)]
    [InlineData("https://googleapis.com/", "*.googleapis.com", false)]
    [InlineData("https://a.b.googleapis.com/", "*.googleapis.com", false)]
    [InlineData("https://evilgoogleapis.com/", "*.googleapis.com", false)]
    public void A_host_is_allowed_as_configured(string raw, string apiHost, bool allowed)
    {
        var url = Parsed(raw);

        Assert.Equal(allowed, url.IsAllowedBy(["other.example.com", apiHost]));
        Assert.Equal(url.Host, url.NotAllowed([apiHost]).UrlHost);
    }

    [Fact]
    public void What_is_allowed_connects_to_the_allowed_host()
    {
        var pieces = Gen.OneOf("api.acme.com", "https://", "http://", "/", "@", "\\", "#", "?", ":", ":443", "%2f", ".", "evil.com", " ", "。", "ａ", "\r\n", "127.1", "[::1]", "a", "%00");
        pieces.Array[0, 8].Select(string.Concat).Sample(
            raw =>
            {
                foreach (var text in new[] { raw, "https://" + raw, "https://api.acme.com" + raw })
                {
                    if (TargetUrl.Parse(text, allowLoopbackHttp: false).Succeeded(out var url, out _) && url.IsAllowedBy(["api.acme.com"]))
                    {
                        Assert.Equal(("https", "api.acme.com", 443, ""), (url.Uri.Scheme, url.Uri.IdnHost, url.Uri.Port, url.Uri.UserInfo));
                        Assert.StartsWith("/", url.Uri.PathAndQuery, StringComparison.Ordinal);
                        Assert.EndsWith(text["https://api.acme.com".Length..], url.Uri.PathAndQuery, StringComparison.Ordinal);
                        Assert.Equal("api.acme.com", new Uri(url.Uri.AbsoluteUri).Host); // A second parser agrees.
                    }
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void It_does_not_print_its_path() => Assert.Equal("[URL of api.acme.com]", Parsed("https://api.acme.com/people/ada").ToString());

    private static TargetUrl Parsed(string raw)
    {
        Assert.True(TargetUrl.Parse(raw, allowLoopbackHttp: false).Succeeded(out var url, out _));
        return url;
    }
}
