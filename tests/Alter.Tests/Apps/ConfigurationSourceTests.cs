using Alter.Apps;
using Microsoft.Extensions.Configuration;

namespace Alter.Tests.Apps;

public sealed class ConfigurationSourceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("alter-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_document_is_loaded_from_the_path_in_the_setting()
    {
        var source = Load(Write("\uFEFF{ \"apps\": {} }"u8.ToArray()));

        Assert.Empty(source.Mistakes);
        Assert.Equal("http://localhost:7071", source.Current!.PublicOrigin);
    }

    [Fact]
    public void A_missing_document_is_a_mistake_and_no_exception()
    {
        var source = Load(Path.Combine(folder, "nothing.json"));

        Assert.Null(source.Current);
        Assert.Equal("(document)", Assert.Single(source.Mistakes).Path);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_a_mistake() => Assert.Single(Load(Write([(byte)'{', 0xff, 0xfe])).Mistakes);

    [Fact]
    public void A_folder_is_a_mistake() => Assert.Single(Load(folder).Mistakes);

    [Fact]
    public void A_huge_file_is_not_read()
    {
        var path = Path.Combine(folder, "huge.json");
        using (var file = File.Create(path))
        {
            file.SetLength(1L << 40 >> 8); // Sparse: nothing is written.
        }

        Assert.Contains("1 MiB", Assert.Single(Load(path).Mistakes).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_document_at_a_url_is_refused_by_name() =>
        Assert.Equal("ALTER_CONFIG", Assert.Single(Load("https://acme.blob.core.windows.net/config/alter.json").Mistakes).Path);

    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("WEBSITE_SITE_NAME")]
    [InlineData("WEBSITE_POD_NAME")]
    public void Each_name_of_the_platform_ends_development(string name)
    {
        var situation = HostSituation.From(Settings(("AZURE_FUNCTIONS_ENVIRONMENT", "Development"), (name, ""), ("WEBSITE_HOSTNAME", "v.azurewebsites.net")));

        Assert.True(situation.IsAzure);
        Assert.False(situation.AllowsLocal(new Uri("http://localhost:7071")));
        Assert.Equal("https://v.azurewebsites.net", situation.DefaultPublicUrl);
    }

    [Theory]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION", "true")]
    [InlineData("OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION", "1")]
    [InlineData("DOTNET_SYSTEM_NET_HTTP_DISABLEURIREDACTION", "false")]
    public void A_setting_that_would_put_codes_into_telemetry_leaves_no_document_to_go_by(string name, string value)
    {
        var path = Write("{ \"apps\": {} }"u8.ToArray());
        var source = ConfigurationSource.Load(Settings(("ALTER_CONFIG", path), ("AZURE_FUNCTIONS_ENVIRONMENT", "Development"), (name, value)));

        Assert.Null(source.Current);
        Assert.Equal(name, Assert.Single(source.Mistakes).Path);
        Assert.Empty(ConfigurationSource.Load(Settings(("ALTER_CONFIG", path), ("AZURE_FUNCTIONS_ENVIRONMENT", "Development"), (name, ""))).Mistakes);
    }

    [Fact]
    public void The_host_name_that_core_tools_sets_does_not_make_it_azure()
    {
        var situation = HostSituation.From(Settings(("AZURE_FUNCTIONS_ENVIRONMENT", "Development"), ("WEBSITE_HOSTNAME", "localhost:7071")));

        Assert.True(situation.AllowsLocal(new Uri(situation.DefaultPublicUrl)));
    }

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();

    private static ConfigurationSource Load(string path) => ConfigurationSource.Load(Settings(("ALTER_CONFIG", path), ("AZURE_FUNCTIONS_ENVIRONMENT", "Development")));

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(folder, "alter.json");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
