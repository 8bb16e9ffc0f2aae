using Alter.Providers;
using Alter.Testing;

namespace Alter.Tests.Providers;

/// <summary>Metadata documents and URLs nobody publishes.</summary>
public sealed class HostileMetadataTests
{
    private const string Right =
        """{"issuer":"https://idp.acme.com","authorization_endpoint":"https://idp.acme.com/a","token_endpoint":"https://idp.acme.com/t","jwks_uri":"https://idp.acme.com/k","authorization_response_iss_parameter_supported":true,"subject_types_supported":["pairwise"]}""";

    [Fact]
    public void What_is_published_is_read()
    {
        var read = ProviderMetadata.Parse(System.Text.Encoding.UTF8.GetBytes(Right));

        Assert.Equal(new ProviderMetadata("https://idp.acme.com", "https://idp.acme.com/a", "https://idp.acme.com/t", null, null, "https://idp.acme.com/k", true, true), read);
    }

    [Fact]
    public void No_document_makes_the_reader_throw() => Hostile.Each(Hostile.Utf8(Right), 6000, body => _ = ProviderMetadata.Parse(body)?.Issuer);

    [Theory]
    [InlineData("issue")]
    [InlineData("authorization_response_iss_parameter_supporte")]
    [InlineData("subject_types_supporte")]
    public void A_name_that_is_no_text_makes_no_document(string begin) =>
        Assert.Null(ProviderMetadata.Parse(System.Text.Encoding.UTF8.GetBytes($$"""{"{{begin}}\ud800":1,"token_endpoint":"https://idp.acme.com/t"}""")));

    [Fact]
    public void No_url_makes_the_reader_throw_and_each_that_is_taken_names_its_host_to_every_parser() =>
        Hostile.Each(Hostile.Text("https://api.acme.com/v1/orders?limit=10", "http://127.0.0.1:8080/a", "https://api.acme.com:8443?x=1"), 4000, raw =>
        {
            foreach (var local in new[] { false, true })
            {
                if (TargetUrl.Parse(raw, local).Succeeded(out var url, out _))
                {
                    Assert.True(raw.Length <= TargetUrl.MaxLength);
                    Assert.Equal(url.Host.Split(':')[0], url.Uri.IdnHost);
                    Assert.Equal(url.Host.Split(':')[0], new Uri(raw).Host);
                    Assert.Matches("^[a-z0-9.-]+(:[1-9][0-9]{0,4})?$", url.Host);
                    Assert.Equal($"[URL of {url.Host}]", $"{url}");
                }
            }
        });
}
