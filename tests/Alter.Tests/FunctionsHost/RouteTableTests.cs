using Alter.FunctionsHost;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Alter.Tests.FunctionsHost;

public sealed class RouteTableTests
{
    private readonly List<string> faults = [];

    [Fact]
    public void The_first_name_in_the_alphabet_wins_however_specific_a_later_route_is()
    {
        var table = Table(Http("ZFind", "grants/special"), Http("AFind", "grants/{id}"));
        Assert.Equal("AFind", table.Match(Request("GET", "/grants/special"))?.Function.Name);
    }

    [Fact]
    public void The_alphabet_knows_no_case()
    {
        var table = Table(Http("Beta", "{*path}"), Http("alpha", "{*path}"));
        Assert.Equal("alpha", table.Match(Request("GET", "/x"))?.Function.Name);
    }

    [Fact]
    public void A_route_whose_method_does_not_fit_leaves_the_request_to_the_next()
    {
        var table = Table(Http("A", "grants", "GET"), Http("B", "grants", "POST"), Http("Z", "{*path}"));
        Assert.Equal("B", table.Match(Request("POST", "/grants"))?.Function.Name);
        Assert.Equal("Z", table.Match(Request("DELETE", "/grants"))?.Function.Name);
    }

    [Fact]
    public void Get_does_not_imply_head() => Assert.Null(Table(Http("A", "grants", "GET")).Match(Request("HEAD", "/grants")));

    [Fact]
    public void No_route_at_all_is_no_match() => Assert.Null(Table(Http("A", "grants")).Match(Request("GET", "/other")));

    [Theory]
    [InlineData("/items/7", "7")]
    [InlineData("/items/seven", null)]
    public void Inline_constraints_hold(string path, string? id) =>
        Assert.Equal(id, Table(Http("A", "items/{id:int}")).Match(Request("GET", path))?.Values["id"]);

    [Fact]
    public void Optional_parameters_and_catch_alls_match_their_absence()
    {
        var table = Table(Http("A", "items/{id:int?}"), Http("B", "rest/{*rest}"));
        Assert.Equal("A", table.Match(Request("GET", "/items"))?.Function.Name);
        Assert.Null(table.Match(Request("GET", "/rest"))?.Values["rest"]);
        Assert.Equal("a/b c", table.Match(Request("GET", "/rest/a/b c"))?.Values["rest"]);
    }

    [Fact]
    public void A_catch_all_takes_the_home_page_too() => Assert.NotNull(Table(Http("A", "{*path}")).Match(Request("GET", "/")));

    [Fact]
    public void Without_a_route_the_name_is_the_route_behind_the_prefix()
    {
        var table = RouteTable.Build([Http("Hello", null)], "api", Constraints(), ReportFault);
        Assert.Equal("Hello", table.Match(Request("GET", "/api/hello"))?.Function.Name);
        Assert.Null(table.Match(Request("GET", "/hello")));
    }

    [Theory]
    [InlineData("admin/x")]
    [InlineData("administer")]
    [InlineData("Runtime/x")]
    [InlineData("bad/{")]
    [InlineData("bad/{id:nosuch}")]
    public void A_route_that_Azure_refuses_is_left_out_and_named(string route)
    {
        var table = Table(Http("A", route), Http("B", "b"));
        Assert.Single(table.Routes);
        Assert.StartsWith("A: its route", Assert.Single(faults), StringComparison.Ordinal);
    }

    private RouteTable Table(params FunctionDefinition[] functions) => RouteTable.Build(functions, "", Constraints(), ReportFault);

    private void ReportFault(string name, string fault) => faults.Add($"{name}: {fault}");

    private static FunctionDefinition Http(string name, string? route, params string[] methods) => new(name, name, new HttpTrigger("request", route, methods));

    private static DefaultHttpContext Request(string method, string path) => new() { Request = { Method = method, Path = path } };

    private static IInlineConstraintResolver Constraints() =>
        new ServiceCollection().AddLogging().AddRouting().BuildServiceProvider().GetRequiredService<IInlineConstraintResolver>();
}
