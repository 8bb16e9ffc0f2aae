using Alter.Cli.Check;

namespace Alter.Cli.Smoke;

/// <summary>How far bodies come. No key is shown, so the vault refuses each with 401 as soon as it sees it; who answers tells where it got to.</summary>
internal sealed class UploadLook(SmokedVault vault)
{
    private const int Small = 1 << 20;

    // Just above the template's default body limit.
    private const int Large = 33 << 20;

    public async Task RunAsync(Report report, CancellationToken cancellationToken)
    {
        report.Heading("Uploads without a key");
        await LookAsync("1 MiB chunked", Small, isSized: false, report, cancellationToken);
        await LookAsync("1 MiB with Content-Length", Small, isSized: true, report, cancellationToken);
        await LookAsync("33 MiB chunked", Large, isSized: false, report, cancellationToken);
        await LookAsync("33 MiB with Content-Length", Large, isSized: true, report, cancellationToken);
    }

    private Task LookAsync(string name, int size, bool isSized, Report report, CancellationToken cancellationToken) => report.TryAsync(name, async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(vault.Origin, "/sdk/proxy")) { Content = new Zeros(size, isSized) };
        var answer = await vault.SendAsync(request, cancellationToken);
        if (answer is { IsVaults: true, Code: "invalid_api_key" })
        {
            report.Right($"{name}: reached the vault ({answer})");
        }
        else if (isSized && size == Large && !answer.IsVaults)
        {
            report.Right($"{name}: kept from the vault, as the body limit asks ({answer})");
        }
        else
        {
            report.Noted($"{name}: {answer}. docs/limits.md expects otherwise: please report it.");
        }
    });

    /// <summary>So many zero bytes, with or without saying so beforehand.</summary>
    internal sealed class Zeros(long size, bool isSized) : HttpContent
    {
        private static readonly byte[] Block = new byte[64 * 1024];

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            for (var left = size; left > 0; left -= Block.Length)
            {
                await stream.WriteAsync(Block.AsMemory(0, (int)Math.Min(left, Block.Length)));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = size;
            return isSized;
        }
    }
}
