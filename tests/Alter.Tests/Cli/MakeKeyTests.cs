using System.CommandLine;
using System.Text.Json.Nodes;
using Alter.Apps;
using Alter.Cli;
using Alter.Tests.Apps;

namespace Alter.Tests.Cli;

public class MakeKeyTests
{
    [Fact]
    public void The_row_that_is_printed_lets_the_key_that_is_printed_in()
    {
        var (exit, output) = Run("key", "robots");
        var lines = output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var row = JsonNode.Parse(lines[^1])!;

        var keys = new AppKeys(new ConfigurationSource(Documents.Read(Documents.With("apps.robots.keys", $"[{row.ToJsonString()}]"))), TimeProvider.System);

        Assert.Equal(0, exit);
        Assert.True(keys.FindApp(lines[0], null).Succeeded(out var found, out _));
        Assert.Equal("robots", found.App.Id);
        Assert.Matches("^20[0-9]{2}_[0-9]{2}$", found.Key.Id);
        Assert.Single(lines, line => line.Contains(lines[0], StringComparison.Ordinal));
    }

    [Fact]
    public void No_two_keys_are_alike() => Assert.NotEqual(Run("key", "shop").Output.Split('\n')[0], Run("key", "shop").Output.Split('\n')[0]);

    [Theory]
    [InlineData("key", "Shop")]
    [InlineData("key", "1shop")]
    [InlineData("key", "shop/../x")]
    [InlineData("key", "")]
    [InlineData("key")]
    [InlineData("unlock", "shop")]
    public void What_is_no_command_ends_with_an_error_and_without_a_key(params string[] arguments)
    {
        var (exit, output) = Run(arguments);

        Assert.NotEqual(0, exit);
        Assert.DoesNotContain(AppKeys.Prefix, output, StringComparison.Ordinal);
    }

    private static (int Exit, string Output) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        var configuration = new InvocationConfiguration { Output = output, Error = TextWriter.Null };
        var exit = new RootCommand { MakeKey.Command(new OperatorTools(TimeProvider.System)) }.Parse(arguments).Invoke(configuration);
        return (exit, output.ToString());
    }
}
