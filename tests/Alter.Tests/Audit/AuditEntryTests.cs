using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Alter.Audit;

namespace Alter.Tests.Audit;

public sealed class AuditEntryTests
{
    private static readonly IReadOnlyList<PropertyInfo> Members =
        [.. typeof(AuditEntry).GetProperties().Where(member => member.CanWrite && member.GetCustomAttribute<JsonIgnoreAttribute>() is null)];

    [Fact]
    public void Every_member_is_written_and_read_back()
    {
        var entry = new AuditEntry { Kind = "", Id = "", At = default };
        foreach (var member in Members)
        {
            member.SetValue(entry, Sample(member.PropertyType, member.Name));
        }

        var text = entry.ToText().ToString();
        Assert.Equal(
            Members.Select(member => JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name)),
            JsonDocument.Parse(text).RootElement.EnumerateObject().Select(member => member.Name));
        var read = AuditEntry.Parse(text)!;
        Assert.All(Members, member => Assert.Equal(member.GetValue(entry), member.GetValue(read)));
    }

    [Fact]
    public void What_is_not_known_is_left_out() =>
        Assert.Equal("""{"kind":"end","id":"a","at":"2026-11-24T12:00:00.1234567+00:00","app":""}""", new AuditEntry { Kind = "end", Id = "a", At = new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_567) }.ToText().ToString());

    [Theory]
    [InlineData("quote\" back\\slash é 語 🔑 <&+'> \u2028")]
    [InlineData("\r\n\t\0")]
    public void Hostile_text_stays_one_line_of_json(string hostile)
    {
        var entry = new AuditEntry { Kind = "end", Id = "a", At = default, Reason = hostile, Context = new Dictionary<string, string> { [hostile] = hostile } };
        var text = entry.ToText().ToString();
        Assert.DoesNotContain('\n', text);
        Assert.Equal(hostile, AuditEntry.Parse(text)!.Reason);
        Assert.Equal([hostile], AuditEntry.Parse(text)!.Context!.Values);
    }

    private static object Sample(Type type, string name) =>
        type == typeof(string) ? $"\"{name}\" é"
        : type == typeof(DateTimeOffset) ? new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero).AddTicks(7)
        : type == typeof(Guid?) ? Guid.Parse("00000000-0000-4000-8000-000000000001")
        : type == typeof(int?) ? -7
        : type == typeof(long?) ? 5_000_000_000L
        : type == typeof(IReadOnlyDictionary<string, string>) ? new Dictionary<string, string> { ["a"] = "b" }
        : throw new NotSupportedException($"{name} is of a new kind.");
}
