using Alter.Sdk;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the vault with an application.</summary>
public static class AlterBuilderExtensions
{
    /// <summary>Adds <see cref="AlterApp"/>, configured by a section with BaseUrl, ApiKey and whatever else <see cref="AlterOptions"/> has as text.</summary>
    /// <remarks>All mistakes come at once, when the host starts.</remarks>
    public static IAlterBuilder AddAlter(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddSingleton<IConfigureOptions<AlterOptions>>(new ConfigurationReading(configuration));
        return AddApp(services);
    }

    /// <summary>Adds <see cref="AlterApp"/>, configured by code.</summary>
    public static IAlterBuilder AddAlter(this IServiceCollection services, Action<AlterOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.Configure(configure);
        return AddApp(services);
    }

    /// <summary>Says how to find the JWT of the user on whose behalf a call is made; asked at every call, null where there is no user.</summary>
    /// <remarks>The provider of services is the application's root: handlers of clients outlive requests, so nothing scoped may be taken from it.</remarks>
    public static IAlterBuilder WithUserToken(this IAlterBuilder builder, Func<IServiceProvider, CancellationToken, ValueTask<string?>> getter)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(getter);
        builder.Services.AddOptions<AlterOptions>()
            .Configure<IServiceProvider>((options, services) => options.UserToken = cancellationToken => getter(services, cancellationToken));
        return builder;
    }

    /// <summary>Sends every request of this client through the vault with one grant, the innermost of all handlers.</summary>
    /// <remarks>It brings its own primary handler and refuses one that follows redirects, which would carry the user's token to other hosts.</remarks>
    public static IHttpClientBuilder UseAlter(this IHttpClientBuilder builder, GrantSelector grant)
    {
        ArgumentNullException.ThrowIfNull(builder);
        grant.ThrowIfEmpty(nameof(grant));
        builder.ConfigurePrimaryHttpMessageHandler(PrimaryHandler.Create);
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan); // The header timeout bounds the wait; streams have no end.

        // After everything else the app configures, so that no handler of its own lies between here and the vault.
        builder.Services.PostConfigure<HttpClientFactoryOptions>(builder.Name, options =>
        {
            var isRedacted = options.ShouldRedactHeaderValue;
            options.ShouldRedactHeaderValue = name => WireHeaders.IsSecret(name) || isRedacted(name);
            options.HttpMessageHandlerBuilderActions.Add(handlers =>
            {
                PrimaryHandler.RefuseRedirects(handlers.PrimaryHandler);
                handlers.AdditionalHandlers.Add(new AlterHandler(handlers.Services.GetRequiredService<AlterApp>().Calls, grant));
            });
        });
        return builder;
    }

    private static AlterBuilder AddApp(IServiceCollection services)
    {
        services.AddOptions<AlterOptions>().Configure<IServiceProvider>(UseClock).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AlterOptions>, AlterOptionsRules>());
        services.TryAddSingleton(provider => new AlterApp(provider.GetRequiredService<IOptions<AlterOptions>>().Value));
        return new AlterBuilder(services);
    }

    private static void UseClock(AlterOptions options, IServiceProvider services)
    {
        if (services.GetService<TimeProvider>() is { } time)
        {
            options.TimeProvider = time;
        }
    }
}
