using System.CommandLine;
using Alter.FunctionsHost;

var folder = new Argument<string>("app-folder") { Description = "The built app: the folder with host.json and worker.config.json." };
var port = new Option<int>("--port") { Description = "The port to listen on; 0 takes a free one.", DefaultValueFactory = _ => 7071 };
var address = new Option<string>("--host") { Description = "The IP address to listen on.", DefaultValueFactory = _ => "127.0.0.1" };
var workers = new Option<int>("--workers") { Description = "How many worker processes stand behind the address.", DefaultValueFactory = _ => 1 };
var settings = new Option<string[]>("--setting") { Description = "An app setting, NAME=VALUE; may be repeated.", DefaultValueFactory = _ => [] };
var command = new RootCommand("Runs a .NET isolated Azure Functions app locally, with real workers.") { folder, port, address, workers, settings };

command.SetAction(async (arguments, cancellationToken) =>
{
    try
    {
        await using var host = await LocalFunctionsHost.StartAsync(
            new FunctionsHostOptions
            {
                AppDirectory = arguments.GetRequiredValue(folder),
                Port = arguments.GetValue(port),
                Host = arguments.GetRequiredValue(address),
                Workers = arguments.GetValue(workers),
                Settings = ReadSettings(arguments.GetRequiredValue(settings)),
                Output = Console.Out.WriteLine,
            },
            cancellationToken);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
    catch (HostStartException e)
    {
        await Console.Error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
        return 1;
    }
    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
    {
        return 0;
    }
});

// SIGINT and SIGTERM cancel the token; the workers need a moment to leave.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(20) });

static Dictionary<string, string> ReadSettings(string[] pairs)
{
    var given = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
    foreach (var pair in pairs)
    {
        given[pair.Split('=', 2)[0]] = pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
            ? pair[(at + 1)..]
            : throw new HostStartException("--setting takes NAME=VALUE."); // Its text may be a secret and is not repeated.
    }

    return given;
}
