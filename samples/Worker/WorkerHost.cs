using Alter.Sdk;

namespace Samples.Worker;

/// <summary>A worker service that calls a provider on behalf of people who are not there.</summary>
public static class WorkerHost
{
    /// <summary>The host, not yet started.</summary>
    /// <param name="args">The command line; <c>--Digest:Grants=grants.json</c> and the like.</param>
    /// <param name="change">Changes it before it is built.</param>
    public static IHost Build(string[] args, Action<HostApplicationBuilder>? change = null)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });

        // No WithUserToken: there is no current user. The key's scope grants:any_user lets calls name a grant by its id alone.
        builder.Services.AddAlter(builder.Configuration.GetSection("Alter"));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(builder.Configuration.GetSection("Digest").Get<DigestOptions>() ?? new DigestOptions());
        builder.Services.AddSingleton<StoredGrants>().AddSingleton<Calendars>().AddHostedService<DigestWorker>();
        change?.Invoke(builder);
        return builder.Build();
    }
}
