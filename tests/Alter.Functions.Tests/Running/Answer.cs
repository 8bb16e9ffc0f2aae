using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Alter.Functions.Tests.Running;

/// <summary>An answer read to its end.</summary>
public sealed class Answer
{
    private readonly HttpResponseHeaders headers;
    private readonly HttpContentHeaders contentHeaders;

    private Answer(HttpResponseMessage response, string text)
    {
        (Status, Text, headers, contentHeaders) = ((int)response.StatusCode, text, response.Headers, response.Content.Headers);
    }

    public int Status { get; }

    public string Text { get; }

    public JsonNode Json => JsonNode.Parse(Text)!;

    /// <summary>The header's values, joined; null where it is not there.</summary>
    public string? this[string header] =>
        headers.TryGetValues(header, out var values) || contentHeaders.TryGetValues(header, out values) ? string.Join(", ", values) : null;

    /// <summary>Where a redirect leads.</summary>
    public Uri Location => headers.Location ?? throw new InvalidOperationException($"{Status} without Location: {Text}");

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        ArgumentNullException.ThrowIfNull(response);
        using (response)
        {
            return new Answer(response, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>The answer has this status.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, $"{Status} instead of {status}: {Text}");
        return this;
    }

    /// <summary>The answer is a problem document of this code, whole and consistent.</summary>
    public Answer IsRefusal(int status, string code)
    {
        Assert.True(Status == status && Text.StartsWith('{') && (string?)Json["code"] == code, $"{Status} instead of {status} {code}: {Text}");
        Assert.Equal("application/problem+json", this["Content-Type"]);
        Assert.Equal($"urn:alter:error:{code}", (string?)Json["type"]);
        Assert.Equal(status, (int)Json["status"]!);
        Assert.Equal(code, this["X-Alter-Error"]);
        Assert.Equal(this["X-Alter-Request-Id"], (string?)Json["request_id"]);
        Assert.Equal("no-store", this["Cache-Control"]);
        Assert.All((string[])["title", "detail", "action"], member => Assert.False(string.IsNullOrEmpty((string?)Json[member])));
        return this;
    }

    /// <summary>A refusal that says what is wrong with a field.</summary>
    public Answer IsInvalid(string field)
    {
        IsRefusal(400, "invalid_request");
        Assert.True(Json["errors"] is JsonObject errors && errors.ContainsKey(field), $"errors has no {field}: {Text}");
        return this;
    }

    /// <summary>The problem document without what differs from call to call.</summary>
    public string Comparable()
    {
        var body = Json.AsObject();
        body.Remove("request_id");
        return body.ToJsonString();
    }
}
