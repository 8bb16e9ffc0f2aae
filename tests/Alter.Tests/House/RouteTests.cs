using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Alter.Tests.House;

public sealed partial class RouteTests
{
    private static readonly IReadOnlyList<SourceFile> Files = Repository.Files(FunctionRoute.Folder, ".cs");

    private static readonly IReadOnlyList<FunctionRoute> Routes =
        [.. Files.SelectMany(FunctionRoute.ReadFrom).OrderBy(route => route.Function, StringComparer.OrdinalIgnoreCase)];

    [Fact]
    public void Every_http_function_spells_out_its_name_and_route()
    {
        Assert.Empty(Files.Where(file => FunctionRoute.CountIn(file) != FunctionRoute.ReadFrom(file).Count()).Select(file => $"{file.Path}: not spelled out"));
        Assert.True(Files.Count == 0 || Routes.Count > 0, $"{FunctionRoute.Folder} has code but no HTTP function was found in it.");
        Assert.Empty(Routes.Where(route => route.File.Name != route.Function).Select(route => $"{route.File.Path}: holds {route.Function}"));
    }

    [Fact]
    public void The_host_puts_no_prefix_before_the_routes()
    {
        var host = JsonNode.Parse(File.ReadAllText(Repository.PathOf("host.json")));

        Assert.Equal("", host?["extensions"]?["http"]?["routePrefix"]?.GetValue<string>());
    }

    [Fact]
    public void No_route_shadows_one_whose_function_comes_later_in_the_alphabet() =>
        Assert.Empty(
            from earlier in Routes.Index()
            from later in Routes.Skip(earlier.Index + 1)
            where earlier.Item.Shadows(later)
            select $"{earlier.Item.Function} ({earlier.Item.Route}) shadows {later.Function} ({later.Route})");

    [Fact]
    public void No_route_begins_with_a_word_the_platform_keeps() =>
        Assert.Empty(Routes.Where(route => ReservedStart().IsMatch(route.Route)).Select(route => $"{route.Function}: {route.Route}"));

    // The host takes a query named "code" for a function key and goes to its key storage; only RFC 6749 §4.1.2 leaves no choice.
    [Fact]
    public void Only_the_oauth_callback_takes_a_query_named_code()
    {
        var callbacks = Routes.Where(route => route.Route.StartsWith("oauth/callback/", StringComparison.Ordinal)).Select(route => route.File.Path).ToHashSet();

        Assert.Empty(Files.Where(file => TakesCode().IsMatch(file.Code) && !callbacks.Contains(file.Path)).Select(file => file.Path));
    }

    [Theory]
    [InlineData("sdk/grants/{grantId}", "sdk/grants/summary", true)]
    [InlineData("sdk/grants/summary", "sdk/grants/{grantId}", false)]
    [InlineData("{*path}", "health/live", true)]
    [InlineData("health/live", "{*path}", false)]
    [InlineData("sdk/{*rest}", "sdk", true)]
    [InlineData("sdk/proxy/{x?}", "sdk/proxy", true)]
    [InlineData("sdk/proxy", "sdk/proxy/{x?}", true)]
    [InlineData("a/{b}", "A/{c:guid}", true)]
    [InlineData("a/{b}", "a/{b}/c", false)]
    public void A_shadow_is_seen(string earlier, string later, bool shadows) =>
        Assert.Equal(shadows, RouteOf(earlier, "get").Shadows(RouteOf(later, "get")));

    [Theory]
    [InlineData("get", "delete", false)]
    [InlineData("get", "", true)]
    [InlineData("", "get", true)]
    public void Methods_keep_equal_routes_apart(string earlier, string later, bool shadows) =>
        Assert.Equal(shadows, RouteOf("sdk/grants", earlier).Shadows(RouteOf("sdk/grants", later)));

    [Fact]
    public void A_function_is_read_from_its_attributes()
    {
        const string text = """
            [Function(nameof(RevokeGrant))]
            public async Task<IResult> Run(
                [HttpTrigger(AuthorizationLevel.Anonymous, "delete", "POST", Route = "sdk/grants/{grantId}")] HttpRequest request,

            [Function("Tick")]
            public void Run([TimerTrigger("0 * * * * *")] TimerInfo timer)

            [Function(nameof(ZzzNotFound))]
            public IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) => NotFound();
            """;

        var routes = FunctionRoute.ReadFrom(new SourceFile("src/Alter.Functions/Example.cs", text)).ToList();

        Assert.Equal(["RevokeGrant", "ZzzNotFound"], routes.Select(route => route.Function));
        Assert.Equal(["sdk/grants/{grantId}", "{*path}"], routes.Select(route => route.Route));
        Assert.Equal(["delete", "post"], routes[0].Methods);
        Assert.Empty(routes[1].Methods);
    }

    private static FunctionRoute RouteOf(string route, string method) =>
        new("Example", method.Length == 0 ? [] : [method], route, new SourceFile("src/Alter.Functions/Example.cs", ""));

    [GeneratedRegex("^/?(admin|runtime)", RegexOptions.IgnoreCase)]
    private static partial Regex ReservedStart();

    [GeneratedRegex("""Query\s*\[\s*"code"\s*\]|TryGetValue\(\s*"code"|GetValue\(\s*"code"|FromQuery\(\s*Name\s*=\s*"code"|\[FromQuery\]\s*string\??\s+code\b""", RegexOptions.IgnoreCase)]
    private static partial Regex TakesCode();
}
