using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Alter.Functions.Tests.Running;

/// <summary>Requests no client library would send: doubled header lines, odd methods, connections cut half-way.</summary>
public static class RawHttp
{
    /// <summary>Sends a request head as it is written, lines joined by CRLF, and reads until the server closes.</summary>
    /// <param name="vault">Where to.</param>
    /// <param name="lines">Without Host and Connection.</param>
    public static async Task<(int Status, string Text)> SendAsync(RunningVault vault, params string[] lines)
    {
        ArgumentNullException.ThrowIfNull(vault);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", vault.PublicUrl.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", [.. lines, $"Host: {vault.PublicUrl.Authority}", "Connection: close", "", ""])));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (int.Parse(text.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), text);
    }

    /// <summary>The head of a proxy call, credentials and all, with further lines.</summary>
    public static string[] Proxy(Backend backend, string method, params string[] lines)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return [$"{method} /sdk/proxy HTTP/1.1", $"Authorization: Bearer {backend.Key}", $"X-Alter-User-Token: {backend.UserToken}", .. lines];
    }

    /// <summary>The code of the problem document in an answer.</summary>
    public static string? CodeOf(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var (start, end) = (answer.IndexOf('{', StringComparison.Ordinal), answer.LastIndexOf('}'));
        return start < 0 ? null : (string?)JsonNode.Parse(answer[start..(end + 1)])?["code"];
    }
}
