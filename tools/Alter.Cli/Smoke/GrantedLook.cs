using System.Text.Json;
using Alter.Cli.Check;
using Alter.Forwarding;

namespace Alter.Cli.Smoke;

/// <summary>What only a real call shows: which address the vault knows its caller by, what of the platform's headers a provider is told, how bodies and streams pass.</summary>
internal sealed class GrantedLook(SmokedVault vault, SmokeOptions options, OperatorSettings settings)
{
    private const string KeySetting = "ALTER_API_KEY";
    private const string UserTokenSetting = "ALTER_USER_TOKEN";

    // What the front end and the host add to every request; none of it is a provider's business.
    private static readonly string[] OfThePlatform =
    [
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-ARR-LOG-ID", "X-ARR-SSL", "CLIENT-IP", "X-Client-IP", "X-Client-Port", "DISGUISED-HOST", "X-SITE-DEPLOYMENT-ID",
        "WAS-DEFAULT-HOSTNAME", "X-Forwarded-TlsVersion", "X-AppService-Proto", "X-Original-URL", "X-WAWS-Unencoded-URL", "x-ms-invocation-id",
    ];

    private string? Key => settings.All[KeySetting];

    private string? UserToken => settings.All[UserTokenSetting];

    public async Task RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading("Through a provider: header chain, uploads, long stream");
        if (Key is not { Length: > 0 } || options.Provider is null || (options.EchoUrl ?? options.UploadUrl ?? options.StreamUrl) is null)
        {
            report.Unknown($"not looked at: it takes a grant. Set {KeySetting}, and {UserTokenSetting} where the app has users, and name --provider and --echo-url, --upload-url, --stream-url");
            return;
        }

        if (options.EchoUrl is { } echo)
        {
            await report.TryAsync("The caller's address", () => AddressAsync(echo, report, cancellationToken));
            await report.TryAsync("Headers", () => EchoAsync(echo, report, cancellationToken));
        }

        if (options.UploadUrl is { } upload)
        {
            await report.TryAsync("1 MiB chunked", () => UploadAsync(upload, isSized: false, report, cancellationToken));
            await report.TryAsync("1 MiB with Content-Length", () => UploadAsync(upload, isSized: true, report, cancellationToken));
        }

        if (options.StreamUrl is { } stream)
        {
            await report.TryAsync("Long stream", () => new StreamLook(vault).RunAsync(Call(HttpMethod.Get, stream), report, cancellationToken));
        }
    }

    private async Task AddressAsync(string url, Report report, CancellationToken cancellationToken)
    {
        using var request = Authorized(new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Origin, "/sdk/policies/evaluate"))
        {
            Content = new ReadyJson(JsonSerializer.SerializeToUtf8Bytes(new { provider = options.Provider, method = "GET", url })),
        });
        var answer = await vault.SendAsync(request, cancellationToken);
        if (answer.Status != 200)
        {
            report.Noted($"The caller's address: evaluating policies was answered with {answer}");
            return;
        }

        using var evaluated = JsonDocument.Parse(answer.Body);
        if (evaluated.RootElement.TryGetProperty("caller_address", out var address) && address.ValueKind is JsonValueKind.String)
        {
            report.Right($"The vault knows this machine as {Shown.Text(address.GetString()!)}. Is that the address you have on the internet? If not, caller_address of alter.json counts the wrong hop");
        }
        else
        {
            report.Unknown("The vault does not know this machine's address: the document has no caller_address, or it does not fit (docs/policies.md)");
        }
    }

    private async Task EchoAsync(string url, Report report, CancellationToken cancellationToken)
    {
        using var request = Call(HttpMethod.Get, url);
        var answer = await vault.SendAsync(request, cancellationToken);
        var told = OfThePlatform.Where(name => answer.Body.Contains($"\"{name}\"", StringComparison.OrdinalIgnoreCase)).ToList();
        if (answer is not { Status: 200, IsVaults: true })
        {
            report.Noted($"Headers: the call was answered with {answer}");
        }
        else if (told.Count > 0)
        {
            report.Wrong($"The provider is told {string.Join(", ", told)}");
        }
        else
        {
            report.Right("None of the platform's headers came back from the provider; if it answers with what it is sent, it is told none");
        }
    }

    private async Task UploadAsync(string url, bool isSized, Report report, CancellationToken cancellationToken)
    {
        using var request = Call(HttpMethod.Post, url);
        request.Content = new UploadLook.Zeros(1 << 20, isSized);
        var answer = await vault.SendAsync(request, cancellationToken);
        report.Noted($"1 MiB {(isSized ? "with Content-Length" : "chunked")}: {answer}");
    }

    private HttpRequestMessage Call(HttpMethod method, string url)
    {
        var request = Authorized(new HttpRequestMessage(method, new Uri(vault.Origin, "/sdk/proxy")));
        request.Headers.TryAddWithoutValidation(ControlHeaders.Provider, options.Provider);
        request.Headers.TryAddWithoutValidation(ControlHeaders.Url, url);
        return request;
    }

    private HttpRequestMessage Authorized(HttpRequestMessage request)
    {
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Key}");
        if (UserToken is { Length: > 0 })
        {
            request.Headers.TryAddWithoutValidation(ControlHeaders.UserToken, UserToken);
        }

        return request;
    }

    // Chunked, because a sized body could stand in for the headers that name the caller (docs/policies.md).
    private sealed class ReadyJson : HttpContent
    {
        private readonly byte[] json;

        public ReadyJson(byte[] json)
        {
            this.json = json;
            Headers.ContentType = new("application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(json).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
