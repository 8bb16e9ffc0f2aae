using System.CommandLine;

namespace Alter.Cli.Grants;

/// <summary><c>alter grants</c>: how the grants do, told from the stored rows alone.</summary>
internal static class GrantCommands
{
    public static Command Command(OperatorTools tools) =>
        new("grants", "Says how the stored grants do, and asks for one more attempt. It needs rights on the storage account and no key.")
        {
            ListGrants.Command(tools), ShowGrant.Command(tools), RetryGrants.Command(tools),
        };
}
