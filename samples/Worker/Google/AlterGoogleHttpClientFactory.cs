using Alter.Sdk;
using Google.Apis.Http;

namespace Samples.Worker.Google;

/// <summary>
/// Puts the vault below any library of Google's: <c>Initializer.HttpClientFactory</c>, and no <c>HttpClientInitializer</c>, for the credential is the vault's to add.
/// </summary>
internal sealed class AlterGoogleHttpClientFactory(AlterApp alter, GrantSelector grant) : HttpClientFactory
{
    protected override HttpMessageHandler CreateHandler(CreateHttpClientArgs args) => alter.CreateHandler(grant);
}
