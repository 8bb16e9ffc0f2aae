using Alter.Bench.BareForwarder;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// The same kind of worker as the vault's, with nothing in it but what is compared: one function that forwards, one that is empty.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
if (builder.Configuration[Destination.Setting] is { Length: > 0 } destination)
{
    AddForwarding(builder.Services, destination);
}

builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
builder.Logging.AddFilter("Yarp", LogLevel.None);

await builder.Build().RunAsync();

// Apart, so that a worker that only starts loads nothing of it.
static void AddForwarding(IServiceCollection services, string destination)
{
    services.AddHttpForwarder();
    services.AddSingleton(new Destination(new Uri(destination)));
}
