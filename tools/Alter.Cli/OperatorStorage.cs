using Alter.Storage;
using Azure;
using Azure.Identity;

namespace Alter.Cli;

/// <summary>The vault's tables as its operator sees them.</summary>
internal static class OperatorStorage
{
    /// <summary>The tables that setting <c>AlterStorage</c> names, with the operator's own identity where it names no key; null where it is missing.</summary>
    public static AlterTables? Open(OperatorSettings settings) => AlterStorageOptions.From(settings.All) is { } options
        ? new AlterTables(options.Credential is null ? options : options with { Credential = OperatorTools.Operator })
        : null;

    /// <summary>Why it cannot be used, in one line; null where an exception is of another kind.</summary>
    public static string? FaultOf(Exception exception) => exception switch
    {
        AuthenticationFailedException or AggregateException { InnerException: AuthenticationFailedException } => "sign in first, with az login or azd auth login.",
        RequestFailedException { Status: 401 or 403 } => "you have no right to it (Storage Table Data Reader).",
        FormatException or InvalidOperationException => $"setting {AlterStorageOptions.Connection} is no connection string.",
        _ when StorageFault.Is(exception) => "it does not answer.",
        _ => null,
    };
}
