using System.Diagnostics;

namespace Alter.Tests;

public sealed class SpanCleaningTests
{
    [Theory]
    [InlineData("url.full", "https://vault.acme.com/oauth/callback/shop/erp?code=c0de&state=st4te", "https://vault.acme.com/oauth/callback/shop/erp")]
    [InlineData("http.url", "https://api.erp.acme.com/orders?key=s3cret", "https://api.erp.acme.com/orders")]
    [InlineData("http.target", "/oauth/callback/shop/erp?state=st4te", "/oauth/callback/shop/erp")]
    [InlineData("url.full", "https://vault.acme.com/sdk/oauth/connect#session=sess_1", "https://vault.acme.com/sdk/oauth/connect")]
    [InlineData("url.full", "https://api.erp.acme.com/orders", "https://api.erp.acme.com/orders")]
    public void A_url_ends_where_its_query_begins(string tag, string written, string left)
    {
        using var span = new Activity("any").SetTag(tag, written);

        SpanCleaning.Clean(span);

        Assert.Equal(left, span.GetTagItem(tag));
    }

    [Fact]
    public void A_url_that_is_no_text_is_cut_too()
    {
        using var span = new Activity("any").SetTag("url.full", new Uri("https://vault.acme.com/oauth/callback?code=c0de"));

        SpanCleaning.Clean(span);

        Assert.Equal("https://vault.acme.com/oauth/callback", span.GetTagItem("url.full"));
    }

    [Theory]
    [InlineData("url.query")]
    [InlineData("exception.message")]
    [InlineData("exception.stacktrace")]
    public void What_is_all_query_or_all_exception_goes(string tag)
    {
        using var span = new Activity("any").SetTag(tag, "code=c0de").SetTag("http.route", "/sdk/proxy");

        SpanCleaning.Clean(span);

        Assert.Equal(["http.route"], span.TagObjects.Select(one => one.Key));
    }

    [Fact]
    public void A_failure_stays_one_and_says_nothing()
    {
        using var span = new Activity("any").SetStatus(ActivityStatusCode.Error, "Response status code does not indicate success: https://api.erp.acme.com/?key=s3cret");

        SpanCleaning.Clean(span);

        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
    }
}
