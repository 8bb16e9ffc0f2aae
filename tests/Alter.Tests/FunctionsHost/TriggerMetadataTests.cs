using System.Text;
using Alter.FunctionsHost;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Alter.Tests.FunctionsHost;

public sealed class TriggerMetadataTests
{
    [Fact]
    public void Headers_and_query_come_as_json()
    {
        var request = Request("?a=1&a=2");
        request.Headers["X-One"] = "1";
        var metadata = TriggerMetadata.OfRequest(request, [], default);
        Assert.Equal("""{"a":"1,2"}""", metadata["Query"].Json);
        Assert.Equal("""{"X-One":"1"}""", metadata["Headers"].Json);
    }

    [Fact]
    public void The_route_beats_the_query_and_the_query_beats_the_body()
    {
        var metadata = TriggerMetadata.OfRequest(Request("?a=query&b=query"), new RouteValueDictionary { ["a"] = "route" }, Json("""{"a":"body","b":"body","c":7}"""));
        Assert.Equal(("route", "query", "7"), (metadata["a"].String, metadata["b"].String, metadata["c"].Json));
    }

    [Fact]
    public void The_parameter_named_code_is_never_bound() => Assert.False(TriggerMetadata.OfRequest(Request("?Code=secret"), [], default).ContainsKey("code"));

    // As in Azure: whoever trusts binding data for the caller's address must know that the caller can write it.
    [Theory]
    [InlineData("?headers=forged", "")]
    [InlineData("", """{"headers":"forged"}""")]
    public void A_client_can_forge_the_headers_in_binding_data(string query, string body)
    {
        var request = Request(query);
        request.Headers["X-Forwarded-For"] = "203.0.113.7";
        Assert.Equal("forged", TriggerMetadata.OfRequest(request, [], Json(body))["Headers"].String);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("[1]")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void A_body_that_is_no_json_object_binds_nothing(string body) => Assert.Empty(TriggerMetadata.OfJson(Json(body)));

    private static HttpRequest Request(string query) => new DefaultHttpContext { Request = { QueryString = new QueryString(query) } }.Request;

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);
}
