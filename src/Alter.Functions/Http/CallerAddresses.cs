using System.Net;
using System.Text.Json;
using Alter.Apps;
using Alter.Forwarding;
using Alter.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Alter.Functions.Http;

/// <summary>Who called, by the document's one rule. Where the rule or the header leaves a doubt nobody is known, and what asks for an address denies.</summary>
/// <remarks>
/// The Functions host replaces X-Forwarded-For on its way to the worker; what it received stands only in the invocation's binding data, entry <c>Headers</c>.
/// Members of a JSON body and parameters of the query are written there first and win (azure.md §1), so a caller could put a <c>Headers</c> of their own in.
/// Therefore the entry counts only where neither can have: no such parameter, and no body that could hold such a member. A body without a length never
/// reaches the binding data.
/// </remarks>
internal sealed class CallerAddresses(ConfigurationSource configuration)
{
    private const string Entry = "Headers";

    // A longer body with a length is not looked through; sent chunked it need not be.
    private const int SearchedLength = 64 * 1024;

    // The document is read once.
    private readonly CallerAddressRule? rule = configuration.Current is { AsksForAddresses: true } vault ? vault.CallerAddress : null;

    /// <summary>The caller's address; null: not known.</summary>
    internal static IPAddress? Of(HttpContext context) => RequestEntry.Of(context)?.CallerAddress;

    /// <summary>Reads and keeps it, where the document asks for addresses at all.</summary>
    internal async Task NoteAsync(FunctionContext function, HttpContext context)
    {
        if (rule is not null && RequestEntry.Of(context) is { } request)
        {
            request.CallerAddress = rule.Read(rule.IsList ? await ReceivedAsync(function, context.Request) : context.Request.Headers[rule.Header].ToString());
        }
    }

    private static async Task<string?> ReceivedAsync(FunctionContext function, HttpRequest request)
    {
        if (request.Query.Keys.Any(IsEntry)
            || (request.ContentLength > 0 && await MayNameEntryAsync(request))
            || !function.BindingContext.BindingData.TryGetValue(Entry, out var value)
            || value is not string json)
        {
            return null;
        }

        try
        {
            using var headers = JsonDocument.Parse(json);
            var named = headers.RootElement.EnumerateObject().Where(header => header.Name.Equals(CallerAddressRule.ForwardedFor, StringComparison.OrdinalIgnoreCase)).ToArray();
            return named is [{ Value.ValueKind: JsonValueKind.String } only] ? only.Value.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Readers of JSON differ: so it is not read but searched, for the name in any case and for what could spell it otherwise.
    private static async Task<bool> MayNameEntryAsync(HttpRequest request)
    {
        if (request.ContentLength > SearchedLength)
        {
            return true;
        }

        var body = new MemoryStream((int)request.ContentLength!.Value);
        try
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        }
        catch (IOException)
        {
            return true; // Cut off: whoever reads it next meets the same, and answers.
        }

        body.Position = 0;
        request.Body = body;
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        return bytes.Contains((byte)0) // Another encoding than UTF-8.
            || bytes.IndexOfAny((byte)0xfe, (byte)0xff) >= 0
            || Holds(bytes, "\\u"u8)
            || Holds(bytes, "\\x"u8)
            || Holds(bytes, "ſ"u8) // To some an s without regard to case.
            || Holds(bytes, "headers"u8);
    }

    private static bool Holds(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> word)
    {
        for (var at = 0; at + word.Length <= bytes.Length; at++)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(bytes.Slice(at, word.Length), word))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsEntry(string name) => name.Equals(Entry, StringComparison.OrdinalIgnoreCase);
}
