using System.Globalization;
using System.Net;
using System.Text;

namespace Alter.Bench;

/// <summary>One bar.</summary>
/// <param name="Group">Bars of one group stand together under its name.</param>
/// <param name="Label">What it is of.</param>
/// <param name="Value">How long it is, in the chart's unit.</param>
/// <param name="Goal">Where a mark stands; null: nowhere.</param>
public sealed record ChartBar(string Group, string Label, double Value, double? Goal = null);

/// <summary>Horizontal bars as SVG, for a page of docs.</summary>
/// <param name="Title">What is shown, its unit included.</param>
/// <param name="Bars">From top to bottom.</param>
public sealed record Chart(string Title, IReadOnlyList<ChartBar> Bars)
{
    private const int Width = 760;
    private const int Left = 210;
    private const int Longest = 460;
    private const int Row = 22;

    /// <summary>The whole picture.</summary>
    public string ToSvg()
    {
        var scale = Longest / Math.Max(double.Epsilon, Bars.Max(bar => Math.Max(bar.Value, bar.Goal ?? 0)));
        var (body, y, group) = (new StringBuilder(), 2 * Row, "");
        foreach (var bar in Bars)
        {
            if (bar.Group != group)
            {
                group = bar.Group;
                y += Row;
                Text(body, 8, y - 7, "bold", group);
            }

            var length = bar.Value * scale;
            Text(body, 20, y + 15, "normal", bar.Label);
            body.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{Left}" y="{y + 4}" width="{length:0.#}" height="{Row - 8}" fill="#4c72b0"/>""");
            Text(body, Left + length + 6, y + 15, "normal", bar.Value.ToString("0.###", CultureInfo.InvariantCulture));
            if (bar.Goal is { } goal)
            {
                body.AppendLine(CultureInfo.InvariantCulture, $"""<rect x="{Left + (goal * scale):0.#}" y="{y}" width="2" height="{Row}" fill="#c44e52"/>""");
            }

            y += Row;
        }

        var title = WebUtility.HtmlEncode(Title);
        var head = string.Create(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{y + 12}" font-family="sans-serif" font-size="12" role="img" aria-label="{title}">""");
        var top = new StringBuilder().AppendLine(head).AppendLine("""<rect width="100%" height="100%" fill="#fff"/>""");
        Text(top, 8, 22, "bold", Title);
        return top.Append(body).AppendLine("</svg>").ToString();
    }

    private static void Text(StringBuilder to, double x, double y, string weight, string text) =>
        to.AppendLine(CultureInfo.InvariantCulture, $"""<text x="{x:0.#}" y="{y:0.#}" font-weight="{weight}" fill="#1f2328">{WebUtility.HtmlEncode(text)}</text>""");
}
