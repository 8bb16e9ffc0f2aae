using System.Buffers;
using System.Text;
using System.Text.Json;
using Alter.Storage.Wire;
using CsCheck;

namespace Alter.Tests.Storage;

public sealed class TableRowJsonTests
{
    [Fact]
    public void Whatever_a_text_holds_it_is_written_as_the_writer_would() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["\"\\{}:, az~"], 0, 300], Gen.String[Gen.Char["\"\\{}:, az~\u007f\u00e4\n\ud83d"], 0, 300]).Sample(text =>
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            var escaped = new byte[TableRowJson.MostEscaped(utf8)];
            var column = new JsonText(escaped.AsMemory(0, TableRowJson.Escape(utf8, escaped)));
            var expected = Written(json =>
            {
                json.WriteStartObject();
                json.WriteString("PartitionKey", "p");
                json.WriteString("RowKey", "r");
                json.WriteString("text", utf8);
                json.WriteEndObject();
            });
            Assert.Equal(expected, Written(json => TableRowJson.Write(json, new TableRow("p", "r") { ["text"] = new Utf8Text(utf8) })));
            Assert.Equal(expected, Written(json => TableRowJson.Write(json, new TableRow("p", "r") { ["text"] = column })));
            Assert.Equal(Encoding.UTF8.GetString(utf8), column.ToString());
        });

    [Fact]
    public void An_entry_of_the_record_comes_back_as_it_was()
    {
        var entry = """{"kind":"end","reason":"a \"quoted\" \\ reason, and enough more of it to be as long as an entry is"}""";
        var written = Written(json => TableRowJson.Write(json, new TableRow("p", "r") { ["entry"] = Utf8Text.Of(entry) }));
        Assert.Equal(entry, JsonDocument.Parse(written).RootElement.GetProperty("entry").GetString());
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, TableRowJson.Writing);
        write(json);
        json.Flush();
        return Encoding.UTF8.GetString(body.WrittenSpan);
    }
}
