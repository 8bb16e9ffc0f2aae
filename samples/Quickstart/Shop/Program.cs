using Quickstart.Shop;

await using var app = ShopServer.Build(args);
await app.RunAsync();
