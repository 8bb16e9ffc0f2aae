using System.Net;
using System.Text.RegularExpressions;

namespace Quickstart.Story;

/// <summary>The form of one of the sample's pages, filled in.</summary>
internal sealed partial record Form(Uri Action, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    /// <summary>Reads what the page itself sends: hidden fields, and boxes that are ticked and may be unticked.</summary>
    public static Form In(Answer page)
    {
        page.Expect(HttpStatusCode.OK);
        var action = FormAction().Match(page.Text) is { Success: true } form
            ? form.Groups[1].Value
            : throw new StoryFault($"{page.Url.GetLeftPart(UriPartial.Path)}: expected a form, received a page without one");
        var fields = Input().Matches(page.Text)
            .Select(match => match.Value)
            .Where(input => !input.Contains(" disabled", StringComparison.Ordinal))
            .Select(input => KeyValuePair.Create(Attribute(input, "name"), Attribute(input, "value")));
        return new Form(new Uri(page.Url, action), [.. fields]);
    }

    /// <summary>With a button pressed.</summary>
    public Form Press(string name, string value) => this with { Fields = [.. Fields, KeyValuePair.Create(name, value)] };

    /// <summary>With a box unticked.</summary>
    public Form Without(string name, string? value) => this with { Fields = [.. Fields.Where(field => field.Key != name || field.Value != value)] };

    private static string Attribute(string input, string name) =>
        WebUtility.HtmlDecode(Regex.Match(input, $" {name}=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("<form[^>]* action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Input();
}
