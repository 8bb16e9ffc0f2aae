using System.CommandLine;
using System.Text;
using Alter.Start;

InterruptSignal.Hear(); // Before anything listens for signals.
Console.OutputEncoding = Encoding.UTF8;
var check = new Option<bool>("--check") { Description = "Plays the whole story without a browser, beside whatever runs, and tells whether all of it held." };
var fresh = new Option<bool>("--fresh") { Description = "Forgets connected accounts, keys and data in .alter/ first." };
var workers = new Option<int>("--workers") { Description = "How many worker processes stand behind the vault's address.", DefaultValueFactory = _ => 1 };
var command = new RootCommand("Starts the vault and a whole product around it: a shop, an identity provider and a calendar.") { check, fresh, workers };

command.SetAction(async (arguments, cancellationToken) =>
{
    var terminal = Terminal.Standard();
    try
    {
        var checkout = Checkout.Find();
        if (arguments.GetValue(check))
        {
            return await new Check(checkout, terminal, TimeProvider.System).RunAsync(arguments.GetValue(workers), cancellationToken) ? 0 : 1;
        }

        await new Serve(checkout, terminal, TimeProvider.System).RunAsync(arguments.GetValue(fresh), arguments.GetValue(workers), cancellationToken);
        return 0;
    }
    catch (Exception e) when (e is OperationCanceledException or StartFailure && cancellationToken.IsCancellationRequested)
    {
        // 128 + SIGINT, as shells have it. Ctrl-C reaches the children too, so one that left may have been noticed first.
        return 130;
    }
    catch (StartFailure e)
    {
        terminal.Fail(e.Message);
        return 1;
    }
});

// Ctrl-C and SIGTERM cancel the token; the children need a moment to leave.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(40) });
