using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Alter.Bench;

/// <summary>What a program found: sizes, one row per situation, and which goals were missed.</summary>
/// <param name="Program">The command's name.</param>
/// <param name="Sizes">How much was run.</param>
/// <param name="Rows">Figures; all rows have the same columns.</param>
/// <param name="Misses">One sentence per goal that was missed.</param>
public sealed record Report(
    string Program,
    IReadOnlyDictionary<string, object> Sizes,
    IReadOnlyList<IReadOnlyDictionary<string, object>> Rows,
    IReadOnlyList<string> Misses)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Figures of the whole run, where rows are about its parts.</summary>
    public IReadOnlyDictionary<string, object> Summary { get; init; } = new Dictionary<string, object>();

    /// <summary>What a chart of it shows; null: it has none.</summary>
    [JsonIgnore]
    public Chart? Chart { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset At { get; init; } = TimeProvider.System.GetUtcNow();

    /// <summary>Where it was run: figures of different machines do not compare.</summary>
    public string Machine { get; init; } = $"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, .NET {Environment.Version}";

    /// <summary>The whole report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Readable);

    /// <summary>The rows as a Markdown table, then what was missed.</summary>
    public string ToTable()
    {
        var text = new StringBuilder();
        if (Rows.Count > 0)
        {
            var columns = Rows[0].Keys.ToArray();
            text.AppendLine(Line(columns)).AppendLine(Line(columns.Select(_ => "---")));
            foreach (var row in Rows)
            {
                text.AppendLine(Line(columns.Select(column => Convert.ToString(row[column], CultureInfo.InvariantCulture)!)));
            }
        }

        foreach (var (name, value) in Summary)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {value}");
        }

        foreach (var miss in Misses)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"MISSED: {miss}");
        }

        return text.ToString();
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
