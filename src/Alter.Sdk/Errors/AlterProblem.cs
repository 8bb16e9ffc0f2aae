using System.Net;
using System.Text.Json;

namespace Alter.Sdk;

/// <summary>A problem document (RFC 9457) as read: members of a wrong type count as absent, so that a newer vault never breaks an older SDK.</summary>
internal sealed class AlterProblem
{
    public required string Code { get; init; }

    public required string Detail { get; init; }

    public AlterAction Action { get; init; }

    public HttpStatusCode? StatusCode { get; init; }

    public string? RequestId { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The provider the call named itself; what the vault says wins.</summary>
    public string? AskedProvider { get; init; }

    public Exception? InnerException { get; init; }

    /// <summary>The document; of kind undefined where there was none.</summary>
    public JsonElement Members { get; init; }

    public string Message => RequestId is null ? $"{Detail} ({Code})" : $"{Detail} ({Code}, request {RequestId})";

    public string? Provider => Text("provider") ?? AskedProvider;

    public string? Text(string name) => TextOf(Member(Members, name));

    public int? Number(string name) => NumberOf(Member(Members, name));

    public Guid? Id(string name) => IdOf(Member(Members, name));

    public IReadOnlyList<string> Texts(string name) => [.. Items(name).Select(TextOf).OfType<string>()];

    public IEnumerable<JsonElement> Items(string name) => Member(Members, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    public static JsonElement Member(JsonElement parent, string name) =>
        parent.ValueKind is JsonValueKind.Object && parent.TryGetProperty(name, out var member) ? member : default;

    public static string? TextOf(JsonElement element) => element.ValueKind is JsonValueKind.String ? element.GetString() : null;

    public static int? NumberOf(JsonElement element) => element.ValueKind is JsonValueKind.Number && element.TryGetInt32(out var number) ? number : null;

    public static Guid? IdOf(JsonElement element) => element.ValueKind is JsonValueKind.String && element.TryGetGuid(out var id) ? id : null;
}
