using Azure.Core.Pipeline;

namespace Alter.Storage.Wire;

/// <summary>How a request proves who asks: a bearer token of the managed identity (Azure), the account's key or a shared access signature (connection strings).</summary>
/// <param name="Policies">What puts it into a request's head.</param>
/// <param name="Query">What is added to every query, without <c>?</c>; empty: nothing.</param>
internal sealed record TableAccess(IReadOnlyList<HttpPipelinePolicy> Policies, string Query)
{
    private const string Scope = "https://storage.azure.com/.default";

    // The emulator's, the same on every machine (learn.microsoft.com/azure/storage/common/storage-use-azurite).
    private const string EmulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    /// <summary>That of the vault's storage.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="account">The account's name.</param>
    internal static TableAccess Of(AlterStorageOptions options, string account)
    {
        if (options.ConnectionString is not { } connectionString)
        {
            return new TableAccess([new BearerTokenAuthenticationPolicy(new PatientCredential(options.Credential!), Scope)], "");
        }

        var parts = connectionString.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2));
        var key = Part("UseDevelopmentStorage") is "true" ? EmulatorKey : Part("AccountKey");
        return key is not null
            ? new TableAccess([new SharedKeySignature(account, Convert.FromBase64String(key), TimeProvider.System)], "")
            : new TableAccess([], Part("SharedAccessSignature")?.TrimStart('?') ?? "");

        string? Part(string name) => parts.FirstOrDefault(part => part.Length is 2 && part[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1];
    }
}
