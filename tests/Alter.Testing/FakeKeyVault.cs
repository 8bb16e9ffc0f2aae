using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Alter.Testing;

/// <summary>As much of Key Vault's secrets API as the real client needs, over HTTPS on loopback: secrets with versions, disabled, lost, forbidden and down.</summary>
public sealed class FakeKeyVault : IAsyncDisposable
{
    private readonly WebApplication web;
    private readonly X509Certificate2 certificate;
    private readonly HttpClientHandler trusting;
    private readonly List<Version> versions = [];
    private readonly ConcurrentQueue<string> reads = new();

    private FakeKeyVault(WebApplication web, X509Certificate2 certificate)
    {
        this.web = web;
        this.certificate = certificate;
        trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == certificate.Thumbprint };
    }

    private sealed record Version(string Name, string Id, string Value, bool IsEnabled, long Created);

    /// <summary>The name of the secret with the key.</summary>
    public const string Secret = "alter-kek";

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>Answers 403 to everything, as without a role assignment.</summary>
    public bool IsForbidden { get; set; }

    /// <summary>Has no secret of any name, whatever was added.</summary>
    public bool IsEmpty { get; set; }

    /// <summary>Awaited before it answers.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    /// <summary>The versions asked for, in order; empty for the current one, <c>versions</c> for the list.</summary>
    public IReadOnlyList<string> Reads => [.. reads];

    /// <summary>Where it listens.</summary>
    public Uri Url => new(web.Urls.First());

    /// <summary>Its certificate without the key, for who is to trust it.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <summary>Starts on a free port.</summary>
    /// <param name="name">What it is called in its certificate.</param>
    public static async Task<FakeKeyVault> StartAsync(string name = "localhost")
    {
        var certificate = SelfSigned(name);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        var web = builder.Build();
        var vault = new FakeKeyVault(web, certificate);
        web.MapGet("/secrets/{name}/{version?}", vault.AnswerAsync);
        await web.StartAsync();
        return vault;
    }

    /// <summary>The real client, trusting this server alone.</summary>
    public SecretClient Client()
    {
        var options = new SecretClientOptions { Transport = new HttpClientTransport(trusting), DisableChallengeResourceVerification = true };
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        return new SecretClient(new Uri(web.Urls.First()), new StaticCredential(), options);
    }

    /// <summary>Adds a version, which becomes its secret's current one.</summary>
    /// <returns>Its id.</returns>
    public string Add(string value, string name = Secret)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        versions.Add(new Version(name, id, value, true, 1_700_000_000 + (versions.Count * 3600)));
        return id;
    }

    /// <summary>Adds a version with a fresh key.</summary>
    public string AddKey() => Add(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    public void Disable(string id) => versions[versions.FindIndex(version => version.Id == id)] = versions.Single(version => version.Id == id) with { IsEnabled = false };

    public void Lose(string id) => versions.RemoveAll(version => version.Id == id);

    /// <summary>Refuses connections from now on.</summary>
    public Task StopAsync() => web.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        trusting.Dispose();
        certificate.Dispose();
    }

    private async Task<IResult> AnswerAsync(HttpContext context, string name, string? version)
    {
        if (!context.Request.Headers.ContainsKey("Authorization"))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer authorization=\"https://login.microsoftonline.com/tenant\", resource=\"https://vault.azure.net\"";
            return Results.StatusCode(StatusCodes.Status401Unauthorized);
        }

        reads.Enqueue(version ?? "");
        await Before();
        if (IsDown)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        if (IsForbidden)
        {
            return Error(403, "Forbidden", "ForbiddenByRbac");
        }

        if (IsEmpty)
        {
            return Error(404, "SecretNotFound", null);
        }

        if (version is "versions")
        {
            return Results.Text(new JsonObject { ["value"] = new JsonArray([.. versions.Where(v => v.Name == name).Select(v => Describe(v, withValue: false))]) }.ToJsonString(), "application/json");
        }

        var found = versions.LastOrDefault(v => v.Name == name && (version is null || v.Id == version));
        return found switch
        {
            null => Error(404, "SecretNotFound", null),
            { IsEnabled: false } => Error(403, "Forbidden", "SecretDisabled"),
            _ => Results.Text(Describe(found, withValue: true).ToJsonString(), "application/json"),
        };
    }

    private JsonObject Describe(Version version, bool withValue)
    {
        var secret = new JsonObject
        {
            ["id"] = $"{web.Urls.First()}/secrets/{version.Name}/{version.Id}",
            ["attributes"] = new JsonObject { ["enabled"] = version.IsEnabled, ["created"] = version.Created, ["updated"] = version.Created },
        };
        if (withValue)
        {
            secret["value"] = version.Value;
        }

        return secret;
    }

    private static IResult Error(int status, string code, string? inner) => Results.Text(
        new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["message"] = "Refused.", ["innererror"] = inner is null ? null : new JsonObject { ["code"] = inner } } }.ToJsonString(),
        "application/json",
        statusCode: status);

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private sealed class StaticCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("static", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
