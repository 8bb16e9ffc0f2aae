using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Alter.Testing;

/// <summary>nginx in front of something: as a shared cache with nothing configured but that it caches, or as a forwarder that adds one header.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-nginx-");
    private readonly Process process;

    // What stands at the top, in http (the folder is its own) and in the one location.
    private Nginx(string top, Func<string, string> http, string location)
    {
        Url = new Uri($"http://127.0.0.1:{FreePort.Next()}");

        var configuration = Path.Combine(folder.FullName, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            user {{Environment.UserName}};
            daemon off;
            {{top}}
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
              {{http(folder.FullName)}}
              server {
                listen {{Url.Authority}};
                location / {
                  proxy_http_version 1.1;
                  {{location}}
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

    /// <summary>The process that was started.</summary>
    public int ProcessId => process.Id;

    /// <summary>Whether this machine has it.</summary>
    public static bool IsInstalled => Program is not null;

    // Debian keeps it where only root's PATH looks.
    private static string? Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(place => Path.Combine(place, "nginx")).FirstOrDefault(File.Exists);

    /// <summary>Starts one that caches, and waits until it answers.</summary>
    public static Task<Nginx> StartAsync(Uri behind)
    {
        ArgumentNullException.ThrowIfNull(behind);
        return StartAsync(new Nginx(
            "",
            folder => $"proxy_cache_path {folder}/cache keys_zone=shared:1m;",
            $"""
            proxy_pass {behind.GetLeftPart(UriPartial.Authority)};
            proxy_set_header Host {behind.Authority};
            proxy_cache shared;
            add_header X-Cache $upstream_cache_status always;
            """));
    }

    /// <summary>Starts one that forwards with an Authorization header of its own, over connections it keeps, and holds nothing back; waits until it answers.</summary>
    public static Task<Nginx> StartForwarderAsync(Uri behind, string authorization)
    {
        ArgumentNullException.ThrowIfNull(behind);
        return StartAsync(new Nginx(
            "master_process off;", // All of it is one process then, which is measured.
            _ => $"keepalive_requests 1000000; upstream behind {{ server {behind.Authority}; keepalive 64; keepalive_requests 1000000; }}",
            $"""
            proxy_pass http://behind;
            proxy_set_header Host {behind.Authority};
            proxy_set_header Connection "";
            proxy_set_header Authorization "{authorization}";
            proxy_buffering off;
            """));
    }

    private static async Task<Nginx> StartAsync(Nginx nginx)
    {
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
