using System.Net.Http.Headers;
using System.Text.Json;

namespace Alter.Sdk;

/// <summary>Tells the vault's refusals from providers' answers, and reads them.</summary>
internal static class ProblemReader
{
    private const int MaxLength = 64 * 1024;
    private const int MaxTextLength = 2000;

    /// <summary>The exception an answer of the vault means; null where it is a provider's, whatever its status.</summary>
    /// <remarks>The vault removes every <c>X-Alter-*</c> of a provider, so the header cannot be forged from there.</remarks>
    internal static async Task<AlterException?> ReadAsync(HttpResponseMessage response, string? askedProvider, TimeProvider time, CancellationToken cancellationToken)
    {
        var retryAfter = RetryAfter(response.Headers.RetryAfter, time);
        if (WireHeaders.Read(response, WireHeaders.RequestId) is not { } requestId)
        {
            return BackendException.OfPlatform(response.StatusCode, retryAfter);
        }

        if (WireHeaders.Read(response, WireHeaders.Error) is not { } code)
        {
            return null;
        }

        var members = await ReadMembersAsync(response, cancellationToken).ConfigureAwait(false);
        var detail = AlterProblem.TextOf(AlterProblem.Member(members, "detail")) ?? AlterProblem.TextOf(AlterProblem.Member(members, "title"))
            ?? $"The vault answered {(int)response.StatusCode}.";
        return ErrorTable.Make(new AlterProblem
        {
            Code = code,
            Detail = detail[..Math.Min(detail.Length, MaxTextLength)],
            Action = ErrorTable.Parse(AlterProblem.TextOf(AlterProblem.Member(members, "action"))) ?? ErrorTable.ActionOf(code),
            StatusCode = response.StatusCode,
            RequestId = requestId,
            RetryAfter = retryAfter,
            AskedProvider = askedProvider,
            Members = members,
        });
    }

    private static async Task<JsonElement> ReadMembersAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                var buffer = new byte[MaxLength];
                var length = await stream.ReadAtLeastAsync(buffer, MaxLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                using var document = JsonDocument.Parse(buffer.AsMemory(0, length), new JsonDocumentOptions { MaxDepth = 16 });
                return document.RootElement.Clone();
            }
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            return default; // The code in the header is enough to know what happened.
        }
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, TimeProvider time)
    {
        var wait = header?.Delta ?? (header?.Date is { } date ? date - time.GetUtcNow() : null);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
