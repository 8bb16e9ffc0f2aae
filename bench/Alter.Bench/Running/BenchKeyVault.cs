using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Alter.Keys;
using Alter.Testing;
using Microsoft.AspNetCore.Http;

namespace Alter.Bench.Running;

/// <summary>A Key Vault for real workers, which find it as they would find Azure's: by name, over TLS, with a token of their managed identity.</summary>
/// <remarks>
/// <code>
///   worker ── GET IDENTITY_ENDPOINT ──► identity, on loopback
///          ── HTTPS_PROXY: CONNECT alter-kek.vault.azure.net:443 ──► tunnel ──► FakeKeyVault, whose certificate SSL_CERT_FILE names
/// </code>
/// Nothing in the vault knows of it. Its own egress uses no proxy, and storage is plain HTTP here. Not on Windows and macOS, where no variable adds a trusted certificate.
/// </remarks>
public sealed class BenchKeyVault : IAsyncDisposable
{
    private const string Name = "alter-kek.vault.azure.net";
    private static readonly byte[] Connected = Encoding.ASCII.GetBytes("HTTP/1.1 200 Connection established\r\n\r\n");

    private readonly FakeKeyVault vault;
    private readonly FakeHost identity;
    private readonly TcpListener tunnel = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stopping = new();

    private BenchKeyVault(FakeKeyVault vault, FakeHost identity) => (this.vault, this.identity) = (vault, identity);

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown
    {
        get => vault.IsDown;
        set => vault.IsDown = value;
    }

    /// <summary>Answers 403 to everything, as without a role assignment.</summary>
    public bool IsForbidden
    {
        get => vault.IsForbidden;
        set => vault.IsForbidden = value;
    }

    /// <summary>Has no secret.</summary>
    public bool IsEmpty
    {
        get => vault.IsEmpty;
        set => vault.IsEmpty = value;
    }

    /// <summary>Puts a secret there.</summary>
    public void Add(string name, string value) => vault.Add(value, name);

    /// <summary>How often it was asked.</summary>
    public int Reads => vault.Reads.Count;

    /// <summary>For this process.</summary>
    public IKeySource Source => new KeyVaultKeySource(vault.Client(), FakeKeyVault.Secret);

    /// <summary>What leads workers to it.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private set; } = new Dictionary<string, string>();

    /// <summary>Starts it with one key.</summary>
    /// <param name="folder">Where its certificate is put.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<BenchKeyVault> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var made = new BenchKeyVault(await FakeKeyVault.StartAsync(Name), await FakeHost.StartAsync());
        made.vault.AddKey();
        made.identity.Serve = (_, context) => AnswerIdentityAsync(context);
        made.tunnel.Start();
        _ = made.AcceptAsync();
        var certificate = Path.Combine(folder, "key-vault.pem");
        await File.WriteAllTextAsync(certificate, made.vault.CertificatePem, cancellationToken);
        made.Settings = new Dictionary<string, string>
        {
            ["ALTER_KEK_VAULT_URI"] = $"https://{Name}/",
            ["ALTER_SECRETS_VAULT_URI"] = $"https://{Name}/",
            ["HTTPS_PROXY"] = $"http://127.0.0.1:{((IPEndPoint)made.tunnel.LocalEndpoint).Port}",
            ["SSL_CERT_FILE"] = certificate,
            ["IDENTITY_ENDPOINT"] = new Uri(made.identity.Url, "/msi/token").AbsoluteUri,
            ["IDENTITY_HEADER"] = "bench",
        };
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        tunnel.Dispose();
        await vault.DisposeAsync();
        await identity.DisposeAsync();
        stopping.Dispose();
    }

    private static Task AnswerIdentityAsync(HttpContext context)
    {
        var token = new JsonObject
        {
            ["access_token"] = "of the managed identity",
            ["expires_on"] = $"{TimeProvider.System.GetUtcNow().AddHours(8).ToUnixTimeSeconds()}",
            ["resource"] = context.Request.Query["resource"].ToString(),
            ["token_type"] = "Bearer",
        };
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(token.ToJsonString());
    }

    private async Task AcceptAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                _ = TunnelAsync(await tunnel.AcceptTcpClientAsync(stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return; // Over.
            }
        }
    }

    private async Task TunnelAsync(TcpClient client)
    {
        try
        {
            using var from = client;
            using var to = new TcpClient();
            var worker = from.GetStream();
            await ReadHeadAsync(worker);
            await to.ConnectAsync(IPAddress.Loopback, vault.Url.Port, stopping.Token);
            await worker.WriteAsync(Connected, stopping.Token);
            await Task.WhenAny(worker.CopyToAsync(to.GetStream(), stopping.Token), to.GetStream().CopyToAsync(worker, stopping.Token));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The worker died, or the run is over.
        }
    }

    // CONNECT and its headers; wherever they lead, there is one place to go.
    private async Task ReadHeadAsync(NetworkStream stream)
    {
        var (one, last) = (new byte[1], 0);
        while (last != 0x0D0A0D0A && await stream.ReadAsync(one, stopping.Token) > 0)
        {
            last = (last << 8) | one[0];
        }
    }
}
