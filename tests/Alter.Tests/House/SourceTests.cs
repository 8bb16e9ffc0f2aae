using System.Text.RegularExpressions;

namespace Alter.Tests.House;

public sealed partial class SourceTests
{
    [Fact]
    public void Every_log_message_has_an_event_id_of_its_own()
    {
        var messages = Repository.Files("src", ".cs").SelectMany(MessagesOf).ToList();

        Assert.DoesNotContain(messages, message => message.EventId is null);
        Assert.Empty(messages.GroupBy(message => message.EventId).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same)}"));
    }

    [Fact]
    public void The_event_ids_of_a_room_lie_together()
    {
        var rooms = Repository.Files("src", ".cs").SelectMany(MessagesOf).OrderBy(message => message.EventId).Select(message => Path.GetDirectoryName(message.Path)).ToList();
        var stretches = rooms.Where((room, index) => index == 0 || room != rooms[index - 1]);

        Assert.Empty(stretches.GroupBy(room => room).Where(stretch => stretch.Count() > 1).Select(stretch => stretch.Key));
    }

    [Fact]
    public void Event_ids_are_read_however_the_attribute_is_written()
    {
        const string text = """
            [LoggerMessage(EventId = 1101, Level = LogLevel.Information, Message = "Grant {GrantId} (of an app) revoked")]
            [LoggerMessage(1102, LogLevel.Warning, "Key {Version} unknown")]
            [LoggerMessage(
                Level = LogLevel.Error,
                EventId = 1_103,
                Message = "Lease lost")]
            [LoggerMessage(Level = LogLevel.Error, Message = "No id = 5")]
            """;

        Assert.Equal([1101, 1102, 1103, null], MessagesOf(new SourceFile("src/Example.cs", text)).Select(message => message.EventId));
    }

    [Fact]
    public void Nothing_is_left_to_do_in_the_source()
    {
        var files = Repository.Files("src", ".cs", ".csproj", ".json", ".js", ".ts", ".css", ".html", ".props", ".targets");

        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => Unfinished().IsMatch(file.Text)).Select(file => file.Path));
    }

    private static IEnumerable<(string Path, int? EventId)> MessagesOf(SourceFile file) =>
        from Match attribute in LoggerMessage().Matches(file.Code)
        let id = Id().Match(attribute.Groups["rest"].Value)
        select (file.Path, id.Success ? int.Parse(id.Groups["id"].Value.Replace("_", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture) : (int?)null);

    // Up to the closing bracket of the attribute; quoted text may hold brackets of its own.
    [GeneratedRegex("""\[LoggerMessage(?<rest>\s*\((?:[^"\]]|"(?:[^"\\]|\\.)*")*\))?\s*\]""")]
    private static partial Regex LoggerMessage();

    [GeneratedRegex("""^\s*\((?:\s*(?<id>[\d_]+)\s*[,)]|(?:[^"]|"(?:[^"\\]|\\.)*")*?\bEventId\s*=\s*(?<id>[\d_]+))""")]
    private static partial Regex Id();

    [GeneratedRegex(@"\b(TODO|FIXME)\b")]
    private static partial Regex Unfinished();
}
