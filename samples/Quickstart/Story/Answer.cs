using System.Net;
using System.Text.Json;

namespace Quickstart.Story;

/// <summary>What a server answered, read whole.</summary>
internal sealed record Answer(Uri Url, HttpStatusCode Status, Uri? Location, string Text)
{
    /// <summary>The answer as JSON.</summary>
    public JsonElement Json
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize<JsonElement>(Text);
            }
            catch (JsonException)
            {
                throw new StoryFault($"{Place}: expected JSON, received {(int)Status} with {Text.Length} characters of something else");
            }
        }
    }

    /// <summary>The vault's error code, or a dash.</summary>
    private string Code => Text is ['{', ..] && Json.TryGetProperty("code", out var code) ? code.GetString() ?? "-" : "-";

    // Never the query: it may hold codes and state.
    private string Place => Url.GetLeftPart(UriPartial.Path);

    /// <summary>A member of the JSON object as text.</summary>
    public string this[string member] => Json.TryGetProperty(member, out var value)
        ? value.ToString()
        : throw new StoryFault($"{Place}: expected the member {member}, received {string.Join(", ", Json.EnumerateObject().Select(property => property.Name))}");

    /// <summary>Demands a status.</summary>
    public Answer Expect(HttpStatusCode status)
    {
        StoryFault.Expect(Place, $"{(int)status}", (int)Status >= 400 && Status != status ? $"{(int)Status} {Code}" : $"{(int)Status}");
        return this;
    }

    /// <summary>Demands one of the vault's errors.</summary>
    public Answer ExpectError(HttpStatusCode status, string code)
    {
        StoryFault.Expect(Place, $"{(int)status} {code}", $"{(int)Status} {Code}");
        return this;
    }

    /// <summary>Where a redirect leads, made absolute.</summary>
    public Uri RedirectTarget => (int)Status is >= 300 and < 400 && Location is { } target
        ? new Uri(Url, target)
        : throw new StoryFault($"{Place}: expected a redirect, received {(int)Status}");
}
