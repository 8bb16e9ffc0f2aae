namespace Alter.Start;

/// <summary>The checkout and what lies where in it.</summary>
internal sealed record Checkout(string Root)
{
    public string State => Path.Combine(Root, ".alter");

    public string Azurite => Path.Combine(Root, "tools", "azurite");

    public string AzuriteScript => Path.Combine(Azurite, "node_modules", "azurite", "dist", "src", "azurite.js");

    public string Quickstart => Path.Combine(Root, "samples", "Quickstart");

    public string Vault => Path.Combine(Root, "src", "Alter.Functions", "bin", "Debug", "net10.0");

    public string FunctionsHost => Path.Combine(Root, "tools", "FunctionsHost", "bin", "Debug", "net10.0", "FunctionsHost.dll");

    public string CatalogEntry(string provider) => Path.Combine(Root, "src", "Alter.Shared", "Providers", "catalog", $"{provider}.json");

    /// <summary>A server of the quickstart, by its folder.</summary>
    public string Server(string name) => Path.Combine(Quickstart, name, "bin", "Debug", "net10.0", $"Quickstart.{name}.dll");

    public static Checkout Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Alter.Functions.sln")))
            {
                return new Checkout(folder.FullName);
            }
        }

        throw new StartFailure("No folder above holds Alter.Functions.sln: ./start works in a checkout of the repository.");
    }
}
