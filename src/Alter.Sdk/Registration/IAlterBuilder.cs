using Microsoft.Extensions.DependencyInjection;

namespace Alter.Sdk;

/// <summary>What follows <c>AddAlter</c>.</summary>
public interface IAlterBuilder
{
    /// <summary>The services of the app.</summary>
    IServiceCollection Services { get; }
}

internal sealed class AlterBuilder(IServiceCollection services) : IAlterBuilder
{
    public IServiceCollection Services => services;
}
