using Quickstart.IdentityProvider;

await using var app = IdentityProviderServer.Build(args);
await app.RunAsync();
