using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Alter.Functions.Tests.Running;
using Alter.Testing;

namespace Alter.Functions.Tests.House;

/// <summary>The built app and the two ways to start it from the top of the checkout.</summary>
public sealed class AppFolderTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alter-house-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("host.json")]
    [InlineData("alter.json")]
    [InlineData("functions.metadata")]
    [InlineData("worker.config.json")]
    [InlineData("extensions.json")]
    [InlineData("Alter.Functions.dll")]
    public void The_output_holds_what_a_Functions_host_needs(string file) => Assert.True(File.Exists(Path.Combine(RunningVault.AppDirectory, file)));

    [Fact]
    public async Task With_Core_Tools_dotnet_run_starts_them_in_the_output_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tool that stands in for func is a shell script.");
        var said = Path.Combine(folder.FullName, "said");
        var func = Path.Combine(folder.FullName, "func");
        await File.WriteAllTextAsync(func, $"#!/bin/sh\necho \"$PWD|$*\" >> '{said}'\n", TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(func, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var (exitCode, output) = await DotnetAsync($"{folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}", "run", "--project", "src/Alter.Functions", "--no-build", "-c", Configuration);
        Assert.True(exitCode == 0, output);
        var calls = await File.ReadAllLinesAsync(said, TestContext.Current.CancellationToken);
        Assert.Contains(calls, call => call.Split('|') is [var place, var arguments] && Path.TrimEndingDirectorySeparator(place) == RunningVault.AppDirectory && arguments.Contains("start", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_Core_Tools_dotnet_run_starts_the_local_host()
    {
        var path = string.Join(Path.PathSeparator, (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(place => !File.Exists(Path.Combine(place, "func"))));
        var port = FreePort.Next();
        using var host = Start(path, "run", "--project", "src/Alter.Functions", "--no-build", "-c", Configuration, "--", "--port", $"{port}");
        var output = new ConcurrentQueue<string?>();
        host.OutputDataReceived += (_, line) => output.Enqueue(line.Data);
        host.ErrorDataReceived += (_, line) => output.Enqueue(line.Data);
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        try
        {
            var clock = Stopwatch.StartNew();
            HttpStatusCode? live = null;
            while (live is null && !host.HasExited && clock.Elapsed < TimeSpan.FromSeconds(120))
            {
                try
                {
                    using var answer = await Backend.Http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/live"), TestContext.Current.CancellationToken);
                    live = answer.StatusCode is HttpStatusCode.ServiceUnavailable ? null : answer.StatusCode;
                }
                catch (Exception e) when (e is HttpRequestException || (e is TaskCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested))
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken); // Not yet.
                }
            }

            Assert.True(live is HttpStatusCode.OK, string.Join('\n', output));
        }
        finally
        {
            host.Kill(entireProcessTree: true);
            await host.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(RunningVault.AppDirectory))!;

    private static async Task<(int ExitCode, string Output)> DotnetAsync(string path, params string[] arguments)
    {
        using var process = Start(path, arguments);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await error);
    }

    private static Process Start(string path, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = RunningVault.Checkout, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = path;
        start.Environment["DOTNET_NOLOGO"] = "true";
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
    }
}
