using Alter.Apps;
using Alter.Providers;
using Alter.Testing;
using Microsoft.AspNetCore.WebUtilities;

namespace Alter.Tests.Apps;

/// <summary>Origins and return addresses made to look like allowed ones.</summary>
public sealed class HostileOriginTests
{
    private static readonly Uri[] Allowed = [new("https://app.example.com/connected"), new("http://localhost:3000/")];

    [Fact]
    public void What_is_taken_for_an_origin_is_one_and_stays_it() =>
        Hostile.Each(Hostile.Text("https://app.example.com", "https://app.example.com:8443/", "http://localhost:3000", "http://[::1]:3000"), 4000, raw =>
        {
            foreach (var local in new[] { false, true })
            {
                if (AppOrigin.TryNormalize(raw, local, out var origin))
                {
                    var url = new Uri(origin);
                    Assert.Equal(origin, url.GetLeftPart(UriPartial.Authority));
                    Assert.True(url.Scheme == "https" || (local && url.IsLoopback), origin);
                    Assert.True(AppOrigin.TryNormalize(origin, local, out var again));
                    Assert.Equal(origin, again);
                }
            }
        });

    [Fact]
    public void What_is_taken_for_a_return_address_lies_at_an_allowed_one_for_every_parser() =>
        Hostile.Each(Hostile.Text("https://app.example.com/connected?tab=1", "https://app.example.com/connected/done", "http://localhost:3000/a?grant_id=1&x=2"), 4000, raw =>
        {
            if (ReturnAddress.TryParse(raw, Allowed, out var address))
            {
                var root = Assert.Single(Allowed, root => root.GetLeftPart(UriPartial.Authority) == address.GetLeftPart(UriPartial.Authority));
                Assert.StartsWith(root.AbsolutePath.TrimEnd('/'), new Uri(address.AbsoluteUri).AbsolutePath, StringComparison.Ordinal);
                Assert.DoesNotContain(QueryHelpers.ParseQuery(address.Query).Keys, name => name is "grant_id" or "error_code" or "completion_code" || name.StartsWith("alter_connect_", StringComparison.OrdinalIgnoreCase));
                Assert.True(ReturnAddress.TryParse(address.AbsoluteUri, Allowed, out var again), address.AbsoluteUri);
                Assert.Equal(address, again);
            }

            _ = ReturnAddress.TryParseAllowed(raw, false, out _);
        });
}
