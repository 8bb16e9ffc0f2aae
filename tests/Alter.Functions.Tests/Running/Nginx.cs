using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Alter.Testing;

namespace Alter.Functions.Tests.Running;

/// <summary>nginx as a shared cache in front of something, with nothing configured but that it caches.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-nginx-");
    private readonly Process process;

    private Nginx(Uri behind)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
        }

        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            user {{Environment.UserName}};
            daemon off;
            pid {{folder.FullName}}/pid;
            error_log {{folder.FullName}}/error.log;
            events { }
            http {
              access_log off;
              client_body_temp_path {{folder.FullName}}/body;
              proxy_temp_path {{folder.FullName}}/proxy;
              fastcgi_temp_path {{folder.FullName}}/fastcgi;
              uwsgi_temp_path {{folder.FullName}}/uwsgi;
              scgi_temp_path {{folder.FullName}}/scgi;
              proxy_cache_path {{folder.FullName}}/cache keys_zone=shared:1m;
              server {
                listen {{Url.Authority}};
                location / {
                  proxy_pass {{behind.GetLeftPart(UriPartial.Authority)}};
                  proxy_set_header Host {{behind.Authority}};
                  proxy_http_version 1.1;
                  proxy_cache shared;
                  add_header X-Cache $upstream_cache_status always;
                }
              }
            }
            """);
        process = Process.Start(new ProcessStartInfo(Program!, ["-e", Path.Combine(folder.FullName, "error.log"), "-c", configuration])
        {
            RedirectStandardError = true,
        })!;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Whether this machine has it.</summary>
    public static bool IsInstalled => Program is not null;

    // Debian keeps it where only root's PATH looks.
    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(place => Path.Combine(place, "nginx")).FirstOrDefault(File.Exists);

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<Nginx> StartAsync(Uri behind)
    {
        ArgumentNullException.ThrowIfNull(behind);
        var nginx = new Nginx(behind);
        await Eventually.TrueAsync(() => nginx.process.HasExited || nginx.Answers(), "nginx answers");
        return nginx.process.HasExited ? throw new InvalidOperationException($"nginx ended: {await nginx.process.StandardError.ReadToEndAsync()}") : nginx;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false; // Not yet.
        }
    }
}
