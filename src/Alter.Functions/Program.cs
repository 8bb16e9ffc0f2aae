using Alter;
using Alter.Functions.Health;
using Alter.Functions.Http;
using Alter.Functions.Proxy;
using Alter.Functions.Telemetry;
using Alter.Functions.Wallet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var rehearsal = PrepareFirstCall.RehearseAsync(); // Beside all that follows, which is one thread's.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<AnswerUnexpectedErrors>();
builder.UseMiddleware<CallProxyDirectly>(); // The last: what came behind it, proxied calls would not pass.
builder.AddTelemetry();

builder.Services.AddAlter(builder.Configuration);
builder.Services.AddSingleton<CallerAuthentication>();
builder.Services.AddSingleton<CallerAddresses>();
builder.Services.AddSingleton<SendProxyRequest>();
builder.Services.AddSingleton<WalletCallers>();
builder.Services.AddSingleton<Readiness>();
builder.Services.AddSingleton<IStartupFilter, FollowRequests>();
builder.Services.AddSingleton<IStartupFilter, EveryAnswer>();
builder.Services.AddHostedService<FinishWork>();
builder.Services.AddHostedService<ReportConfiguration>();
builder.Services.AddSingleton<PrepareFirstCall>();
builder.Services.AddHostedService(provider => provider.GetRequiredService<PrepareFirstCall>());

// The worker's own limit would answer 500; each function bounds its body and answers 413.
builder.Services.Configure<KestrelServerOptions>(kestrel => (kestrel.Limits.MaxRequestBodySize, kestrel.AddServerHeader) = (null, false));

// The worker would take scheme, host and address from X-Forwarded-*. Nothing here asks it for them: the public URL is a setting, and who called is for CallerAddresses to say.
builder.Services.PostConfigure<ForwardedHeadersOptions>(forwarded => forwarded.ForwardedHeaders = ForwardedHeaders.None);

// Nothing here uses Data Protection; by default it would write an unencrypted key into the home folder.
builder.Services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();

// Request lines, forwarded URLs and client URLs hold codes, states and providers' query strings.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // Else each request gets a span and a scope of the framework's, which nobody reads.
builder.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
builder.Logging.AddFilter("Yarp", LogLevel.None);
builder.Logging.AddFilter("Azure", LogLevel.Warning);

await builder.Build().RunAsync();
await rehearsal;
