using Alter.Policies;

namespace Alter.Tests.Policies;

/// <summary>Methods and paths, and every spelling that tries to get around them (security A18, A19).</summary>
public sealed class RequestPolicyTests
{
    private static readonly string[] BatchPaths = ["/batch", "/v1.0/$batch"];

    [Theory]
    [InlineData("GET", true)]
    [InlineData("HEAD", false)] // Not implied.
    [InlineData("POST", false)]
    [InlineData("get", false)]
    public void Only_the_listed_methods_are_allowed(string method, bool allowed) => Assert.Equal(allowed, Allows(Of(["GET"], null), method, "/anything?at=all"));

    [Theory]
    [InlineData("/v2/orders/17", true)]
    [InlineData("/v2/orders/17/lines/3?expand=item", true)]
    [InlineData("/v2/orders/", true)]
    [InlineData("/v2/orders", false)]
    [InlineData("/v2/ordersx/17", false)]
    [InlineData("/V2/orders/17", false)]
    [InlineData("/v2/customers/orders/17", false)]
    [InlineData("/x/v2/orders/17", false)]
    [InlineData("/", false)]
    [InlineData("/?p=/v2/orders/17", false)]
    public void Two_stars_stand_for_everything_below(string path, bool allowed) => Assert.Equal(allowed, Allows(Of(null, "/v2/orders/**"), "GET", path));

    [Theory]
    [InlineData("/v2/orders/17", true)]
    [InlineData("/v2/orders/", true)]
    [InlineData("/v2/orders/17/lines", false)]
    [InlineData("/v2/orders", false)]
    public void One_star_stays_in_its_segment(string path, bool allowed) => Assert.Equal(allowed, Allows(Of(null, "/v2/orders/*"), "GET", path));

    [Theory]
    [InlineData("/files/report-2026.pdf", true)]
    [InlineData("/files/report-.pdf", true)]
    [InlineData("/files/report-2026xpdf", false)] // The dot is a dot.
    [InlineData("/a/b/c/end", true)]
    [InlineData("/a/end", false)]
    [InlineData("/a//end", false)]
    [InlineData("/exact", true)]
    [InlineData("/exact/", false)]
    public void Patterns_mean_what_they_say(string path, bool allowed) => Assert.Equal(allowed, Allows(Of(null, "/files/report-*.pdf", "/a/**/end", "/exact"), "GET", path));

    // A19. Each could be /admin, or something else than it seems, to one server or another.
    [Theory]
    [InlineData("/v2/orders/../admin")]
    [InlineData("/v2/orders/..")]
    [InlineData("/v2/orders/./17")]
    [InlineData("/v2/orders/%2e%2e/admin")]
    [InlineData("/v2/orders/%2E%2E/admin")]
    [InlineData("/v2/orders/.%2e/admin")]
    [InlineData("/v2/orders/%2e/17")]
    [InlineData("/v2/orders/..%2fadmin")]
    [InlineData("/v2/orders/..%2Fadmin")]
    [InlineData("/v2/orders%2f17")]
    [InlineData("/v2/orders/..%5cadmin")]
    [InlineData("/v2/orders/..%5Cadmin")]
    [InlineData("/v2/orders//admin")]
    [InlineData("//v2/orders/17")]
    [InlineData("/v2/orders/17;/../../admin")]
    [InlineData("/v2/orders/..;/admin")]
    [InlineData("/v2/orders/17;jsessionid=1")]
    [InlineData("/v2/orders/17%3b")]
    [InlineData("/v2/orders/%252e%252e/admin")]
    [InlineData("/v2/orders/%25%32%65%25%32%65/admin")]
    [InlineData("/v2/orders/%c0%ae%c0%ae/admin")]
    [InlineData("/v2/orders/%c0%af")]
    [InlineData("/v2/orders/%e0%80%ae")]
    [InlineData("/v2/orders/%u002e%u002e/admin")]
    [InlineData("/v2/orders/%ef%bc%8e%ef%bc%8e/admin")]
    [InlineData("/v2/orders/%ef%bc%8fadmin")]
    [InlineData("/v2/orders/%e2%88%95admin")]
    [InlineData("/v2/orders/%00")]
    [InlineData("/v2/orders/17%0d%0aX:%20y")]
    [InlineData("/v2/orders/%")]
    [InlineData("/v2/orders/%2")]
    [InlineData("/v2/orders/%zz")]
    [InlineData("/v2/orders/%ff")]
    [InlineData("/v2/orders/%3f/../../admin")]
    [InlineData("/v2/orders/%23")]
    [InlineData("/v2/orders/%7f")]
    [InlineData("/v2/orders/..%20/admin")]
    [InlineData("/v2/orders/%20/admin")]
    [InlineData("/v2/orders/.../admin")]
    [InlineData("/v2/orders/%e2%80%a5/admin")] // U+2025, two dots
    [InlineData("/v2/orders/%ef%bc%852e/admin")] // U+FF05, a percent sign
    [InlineData("/v2/orders/17%cd%be")] // U+037E, a semicolon
    public void A_path_that_could_be_read_as_another_is_denied_where_paths_matter(string path)
    {
        Assert.Contains("another one", Of(null, "/v2/orders/**").Judge(Facts("GET", path))!.Message, StringComparison.Ordinal);
        Assert.NotNull(Of(["GET"], null).Judge(Facts("GET", path, "/batch")));
        Assert.Null(Of(["GET"], null).Judge(Facts("GET", path))); // Where nothing has to do with paths it goes out as it came.
    }

    [Theory]
    [InlineData("/v2/orders/a%20b")]
    [InlineData("/v2/orders/%C3%A4")]
    [InlineData("/v2/orders/a.b...c")]
    [InlineData("/v2/orders/(17)/$value")]
    [InlineData("/v2/orders/17?next=/../x//y;z%2f%2e")] // A query is no path.
    public void Ordinary_paths_are_not_taken_for_tricks(string path) => Assert.Null(Of(["GET"], "/v2/orders/**").Judge(Facts("GET", path, BatchPaths)));

    // A18.
    [Theory]
    [InlineData("/batch")]
    [InlineData("/batch/")]
    [InlineData("/batch?x=1")]
    [InlineData("/batch/calendar/v3")]
    [InlineData("/BATCH/calendar/v3")]
    [InlineData("/%62atch")]
    [InlineData("/v1.0/$batch")]
    [InlineData("/v1.0/%24batch")]
    [InlineData("/V1.0/$BATCH")]
    [InlineData("//v1.0/$batch")]
    [InlineData("/v1.0/./$batch")]
    [InlineData("/x/../batch")]
    [InlineData("/v1.0/%2e/$batch")]
    [InlineData("/v1%2e0/$batch")]
    [InlineData("/batch;x")]
    public void What_carries_other_calls_is_denied_as_soon_as_methods_or_paths_are_limited(string path)
    {
        Assert.NotNull(Of(["POST"], null).Judge(Facts("POST", path, BatchPaths)));
        Assert.NotNull(Of(null, "/**").Judge(Facts("POST", path, BatchPaths)));
    }

    [Theory]
    [InlineData("/batches")]
    [InlineData("/v1.0/$batches")]
    [InlineData("/x/batch")]
    public void What_only_looks_like_it_is_not(string path) => Assert.Null(Of(["POST"], null).Judge(Facts("POST", path, BatchPaths)));

    [Theory]
    [InlineData("/x?_method=DELETE")]
    [InlineData("/x?a=b&_HttpMethod=PATCH")]
    [InlineData("/x?%5Fmethod=DELETE")]
    [InlineData("/x?X-HTTP-Method-Override=DELETE")]
    [InlineData("/x?_method")]
    [InlineData("/x?a=1;_method=DELETE")]
    [InlineData("/x?$httpHeaders=X-HTTP-Method-Override:DELETE")]
    public void A_query_that_changes_the_method_is_denied_where_methods_are_limited(string path)
    {
        Assert.NotNull(Of(["POST"], null).Judge(Facts("POST", path)));
        Assert.Null(Of(null, "/x").Judge(Facts("POST", path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("orders/**")]
    [InlineData("/v2/../x")]
    [InlineData("/v2//x")]
    [InlineData("/v2/%2e%2e/x")]
    [InlineData("/v2/x%2fy")]
    [InlineData("/v2/x;y")]
    [InlineData("/v2/**x")]
    [InlineData("/v2/x**")]
    [InlineData("/v2/***")]
    [InlineData("/v2/x?y")]
    [InlineData("/v2/x#y")]
    [InlineData("/v2/ä")]
    [InlineData("/v2/a b")]
    [InlineData("https://api.acme.com/v2")]
    public void A_pattern_that_no_plain_path_could_fit_is_none(string text) => Assert.Null(PathPattern.Parse(text));

    [Fact]
    public void A_hostile_path_takes_no_longer_than_its_length()
    {
        var pattern = PathPattern.Parse("/" + string.Join('/', Enumerable.Repeat("**", 40)) + "/*a*a*a*a*a*a*b")!;
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.False(pattern.Matches("/" + new string('a', 4000) + string.Concat(Enumerable.Repeat("/a", 1900))));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"{clock.Elapsed}");
    }

    private static bool Allows(RequestPolicy policy, string method, string path) => policy.Judge(Facts(method, path)) is null;

    private static RequestPolicy Of(string[]? methods, params string[]? paths) =>
        new("some", methods?.ToHashSet(), paths is null ? null : [.. paths.Select(path => PathPattern.Parse(path) ?? throw new ArgumentException(path))]);

    private static CallFacts Facts(string method, string path, params string[] batchPaths) =>
        new() { At = default, Method = method, PathAndQuery = path, BatchPaths = batchPaths };
}
