using Alter.FunctionsHost;
using Microsoft.Extensions.Logging;

namespace Alter.Tests.FunctionsHost;

public sealed class HostConfigurationTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-host");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_defaults_are_Azures_but_for_the_polling_pause()
    {
        var configuration = Read("{}");
        Assert.Equal("api", configuration.RoutePrefix);
        Assert.Equal(new QueueConfiguration(16, 8, 5, TimeSpan.Zero, TimeSpan.FromSeconds(1), Base64: true), configuration.Queues);
    }

    [Fact]
    public void What_is_written_counts()
    {
        var configuration = Read("""
            { "extensions": { "http": { "routePrefix": "" }, "queues": {
                "batchSize": 4, "maxDequeueCount": 2, "visibilityTimeout": "00:00:30", "maxPollingInterval": "00:00:00.2", "messageEncoding": "none" } } }
            """);
        Assert.Equal("", configuration.RoutePrefix);
        Assert.Equal(new QueueConfiguration(4, 2, 2, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), Base64: false), configuration.Queues);
    }

    [Theory]
    [InlineData("batchSize", "33")]
    [InlineData("maxDequeueCount", "0")]
    [InlineData("visibilityTimeout", "\"soon\"")]
    [InlineData("messageEncoding", "\"utf8\"")]
    public void A_value_out_of_range_is_named(string name, string value)
    {
        var e = Assert.Throws<HostStartException>(() => Read($$"""{ "extensions": { "queues": { "{{name}}": {{value}} } } }"""));
        Assert.Contains($"extensions.queues.{name}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_category_decides_what_is_logged()
    {
        var levels = Read("""{ "logging": { "logLevel": { "default": "Information", "Microsoft": "Warning", "Microsoft.Hosting": "None" } } }""").LogLevels;
        Assert.True(levels.Allow("Alter", LogLevel.Information));
        Assert.False(levels.Allow("Alter", LogLevel.Debug));
        Assert.False(levels.Allow("Microsoft.AspNetCore", LogLevel.Information));
        Assert.True(levels.Allow("Microsoftish", LogLevel.Information));
        Assert.False(levels.Allow("Microsoft.Hosting.Lifetime", LogLevel.Critical));
    }

    [Theory]
    [InlineData("host.json", "has no host.json")]
    [InlineData("worker.config.json", "has no worker.config.json")]
    [InlineData("functions.metadata", "has no functions.metadata")]
    [InlineData("App.dll", "names App.dll")]
    public void A_folder_that_is_no_built_app_says_what_is_missing(string missing, string reason)
    {
        foreach (var file in (string[])["host.json", "worker.config.json", "functions.metadata", "App.dll"])
        {
            File.WriteAllText(Path.Combine(folder.FullName, file), """{ "description": { "defaultExecutablePath": "dotnet", "defaultWorkerPath": "App.dll" } }""");
        }

        Assert.Equal("dotnet", AppFolder.Open(folder.FullName).Executable);
        File.Delete(Path.Combine(folder.FullName, missing));
        var e = Assert.Throws<HostStartException>(() => AppFolder.Open(folder.FullName));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    private HostConfiguration Read(string text)
    {
        var path = Path.Combine(folder.FullName, "host.json");
        File.WriteAllText(path, text);
        return HostConfiguration.Read(path);
    }
}
