using System.Text.Json;
using Alter.Audit;
using Alter.Providers;
using Microsoft.AspNetCore.Http;

namespace Alter.Forwarding;

/// <summary>What the caller tells the vault about one proxied call, in headers that never reach the provider.</summary>
public sealed record ControlHeaders
{
    public const string Prefix = "X-Alter-";
    public const string Url = "X-Alter-Url";
    public const string Provider = "X-Alter-Provider";
    public const string GrantId = "X-Alter-Grant-Id";
    public const string Account = "X-Alter-Account";
    public const string UserToken = "X-Alter-User-Token";
    public const string Caller = "X-Alter-Caller";
    public const string Reason = "X-Alter-Reason";
    public const string Context = "X-Alter-Context";
    public const string Redirects = "X-Alter-Redirects";

    private const int MaxContextEntries = 16;

    private const int MaxAccountLength = 1024;
    private const int MaxCallerLength = 200;
    private const int MaxReasonLength = 500;
    private const int MaxContextLength = 4 * 1024;

    // The longest, in characters as received, which for these headers are bytes.
    private static readonly (string Name, int Limit)[] Known =
    [
        (Url, TargetUrl.MaxLength),
        (Provider, 40),
        (GrantId, 100),
        (Account, MaxAccountLength),
        (UserToken, 16 * 1024),
        (Caller, MaxCallerLength),
        (Reason, MaxReasonLength),
        (Context, MaxContextLength),
        (Redirects, 16),
    ];

    private static readonly string[] MethodOverrides = ["X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"];

    /// <summary>The raw URL; parsed once the provider is known.</summary>
    public required string TargetText { get; init; }

    public required string? ProviderId { get; init; }

    public required string? GrantIdText { get; init; }

    public required string? AccountText { get; init; }

    /// <summary>A provider's redirect keeps its <c>Location</c>.</summary>
    public required bool KeepsLocation { get; init; }

    /// <summary>Who the caller says it is; null: it does not. Without control and direction characters.</summary>
    public string? CallerLabel { get; init; }

    /// <summary>Why the caller calls.</summary>
    public string? ReasonText { get; init; }

    /// <summary>What the caller says around the call: <c>run_id</c>, <c>thread_id</c>, <c>tool</c> are known by name, others are kept as they are.</summary>
    public IReadOnlyDictionary<string, string>? ContextEntries { get; init; }

    /// <summary>Reads and bounds the headers of a request.</summary>
    /// <returns>The headers, or <see cref="InvalidRequest"/> (twice, unknown, malformed, missing), <see cref="RequestTooLarge"/>.</returns>
    public static Outcome<ControlHeaders> Read(IHeaderDictionary headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        string? methodOverride = null;
        var said = new string?[Known.Length];
        foreach (var (name, values) in headers)
        {
            methodOverride ??= MethodOverrideOf(name);
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                var place = PlaceOf(name);
                if (place < 0)
                {
                    // A misspelt X-Alter-Account, ignored, would act on another account.
                    return InvalidRequest.Field(name[..Math.Min(name.Length, 60)], $"This version knows {string.Join(", ", Known.Select(one => one.Name))}.");
                }

                if (values.Count != 1)
                {
                    return InvalidRequest.Field(name, "It must be there once.");
                }

                if (values[0]!.Length > Known[place].Limit)
                {
                    return new RequestTooLarge($"{name} is longer than {Known[place].Limit} characters.", Known[place].Limit);
                }

                said[place] = values[0] is { Length: > 0 } text ? text : null;
            }
        }

        if (methodOverride is not null)
        {
            return InvalidRequest.Field(methodOverride, "A method is said by the method alone; a header could turn an allowed POST into something else.");
        }

        if (headers.ContainsKey("Upgrade"))
        {
            return InvalidRequest.Field("Upgrade", "The proxy forwards requests and answers, not upgraded connections.");
        }

        var (provider, grantId, account) = (Text(Provider), Text(GrantId), Text(Account));
        if (Text(Url) is not { } target)
        {
            return InvalidRequest.Field(Url, "It must name the provider's URL, such as https://api.example.com/v1/events.");
        }

        if ((provider is null) == (grantId is null))
        {
            return InvalidRequest.Field(Provider, $"Exactly one of {Provider} and {GrantId} must be there.");
        }

        if (account is not null && grantId is not null)
        {
            return InvalidRequest.Field(Account, $"{GrantId} already names the account.");
        }

        if (Text(Redirects) is not (null or "raw"))
        {
            return InvalidRequest.Field(Redirects, "It may be raw, or be left out.");
        }

        IReadOnlyDictionary<string, string>? entries = null;
        return Text(Context) is { } context && (entries = ContextOf(context)) is null
            ? InvalidRequest.Field(Context, $"It must be a JSON object of at most {MaxContextEntries} texts, each named once.")
            : new ControlHeaders
            {
                TargetText = target,
                ProviderId = provider,
                GrantIdText = grantId,
                AccountText = account,
                KeepsLocation = Text(Redirects) is "raw",
                CallerLabel = AuditText.Clean(Text(Caller), MaxCallerLength),
                ReasonText = AuditText.Clean(Text(Reason), MaxReasonLength),
                ContextEntries = entries,
            };

        string? Text(string name) => said[PlaceOf(name)];
    }

    /// <summary>Takes them out of a request that was read.</summary>
    internal static void Remove(IHeaderDictionary headers)
    {
        foreach (var (name, _) in Known)
        {
            headers.Remove(name);
        }
    }

    private static int PlaceOf(string name)
    {
        for (var place = 0; place < Known.Length; place++)
        {
            if (Known[place].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return place;
            }
        }

        return -1;
    }

    private static string? MethodOverrideOf(string sent)
    {
        foreach (var name in MethodOverrides)
        {
            if (ForwardedHeaders.AreOne(sent, name))
            {
                return name;
            }
        }

        return null;
    }

    private static Dictionary<string, string>? ContextOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 2 });
            if (document.RootElement.ValueKind is not JsonValueKind.Object || document.RootElement.EnumerateObject().Count() > MaxContextEntries)
            {
                return null;
            }

            var entries = new Dictionary<string, string>(StringComparer.Ordinal);
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.Value.ValueKind is not JsonValueKind.String || !names.Add(entry.Name))
                {
                    return null;
                }

                // What consists of nothing but control characters says nothing.
                if (AuditText.Clean(entry.Name, MaxContextLength) is { } name)
                {
                    entries[name] = AuditText.Clean(entry.Value.GetString(), MaxContextLength) ?? "";
                }
            }

            return entries;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // InvalidOperationException: half a pair, which is no text.
        }
    }
}
