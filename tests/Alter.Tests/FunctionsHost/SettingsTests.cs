using Alter.FunctionsHost;

namespace Alter.Tests.FunctionsHost;

public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-settings");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void The_environment_beats_the_file_and_a_given_setting_beats_both()
    {
        var settings = Settings.Merge(Pairs(("A", "file"), ("B", "file"), ("C", "file")), Pairs(("B", "env"), ("C", "env")), Pairs(("c", "given")));
        Assert.Equal(("file", "env", "given"), (settings["A"], settings["B"], settings["C"]));
    }

    [Theory]
    [InlineData("%Queue%-in", true, "work-in")]
    [InlineData("plain", true, "plain")]
    [InlineData("%Missing%", false, "Missing")]
    [InlineData("50%", false, "50%")]
    public void Percent_signs_enclose_the_name_of_a_setting(string text, bool resolves, string result)
    {
        Assert.Equal(resolves, Given(("queue", "work")).TryResolve(text, out var resolved));
        Assert.Equal(result, resolved);
    }

    [Fact]
    public void The_file_is_read_with_comments_and_trailing_commas()
    {
        Write("""{ "IsEncrypted": false, /* mine */ "Values": { "A": "1", } }""");
        Assert.Equal("1", Settings.FromFile(folder.FullName)["A"]);
    }

    [Fact]
    public void No_file_is_no_settings() => Assert.Empty(Settings.FromFile(folder.FullName));

    [Theory]
    [InlineData("""{ "Values": { "A": "1" } }""", "IsEncrypted")]
    [InlineData("""{ "IsEncrypted": true }""", "IsEncrypted")]
    [InlineData("""{ "IsEncrypted": false, "Values": { "A": 1 } }""", "\"A\" must be a string")]
    [InlineData("""{ "IsEncrypted": false, "Values": [] }""", "object of strings")]
    [InlineData("[]", "JSON object")]
    [InlineData("{", "not JSON")]
    public void A_file_that_Core_Tools_would_not_take_is_refused_in_one_line(string text, string reason)
    {
        Write(text);
        var e = Assert.Throws<HostStartException>(() => Settings.FromFile(folder.FullName));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    internal static Settings Given(params (string Name, string Value)[] pairs) => Settings.Merge(Pairs(), Pairs(), Pairs(pairs));

    private static Dictionary<string, string> Pairs(params (string Name, string Value)[] pairs) => pairs.ToDictionary(p => p.Name, p => p.Value);

    private void Write(string text) => File.WriteAllText(Path.Combine(folder.FullName, "local.settings.json"), text);
}
