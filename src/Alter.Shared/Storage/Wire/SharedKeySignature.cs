using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Alter.Storage.Wire;

/// <summary>
/// Signs with the account's key (Shared Key Lite for Tables): local storage, never Azure's. A signature covers the path and the second alone, so it is made once in a second.
/// </summary>
internal sealed class SharedKeySignature(string account, byte[] key, TimeProvider time) : HttpPipelineSynchronousPolicy
{
    private readonly ConcurrentDictionary<string, Signed> byPath = new(StringComparer.Ordinal);

    public override void OnSendingRequest(HttpMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var path = message.Request.Uri.Path;
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        if (!byPath.TryGetValue(path, out var signed) || signed.Second != second)
        {
            byPath[path] = signed = Sign(path, second);
        }

        message.Request.Headers.SetValue("x-ms-date", signed.Date);
        message.Request.Headers.SetValue("Authorization", signed.Authorization);
    }

    private Signed Sign(string path, long second)
    {
        var date = DateTimeOffset.FromUnixTimeSeconds(second).ToString("r", CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{date}\n/{account}{path}")));
        return new Signed(second, date, $"SharedKeyLite {account}:{signature}");
    }

    private sealed record Signed(long Second, string Date, string Authorization);
}
