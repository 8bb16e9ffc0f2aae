using System.CommandLine;
using Alter.Cli.Audit;
using Alter.Cli.Backups;
using Alter.Cli.Check;
using Alter.Cli.Grants;
using Alter.Cli.Jwt;
using Alter.Cli.Keys;
using Alter.Cli.Smoke;
using Alter.Cli.Users;

namespace Alter.Cli;

/// <summary><c>./alter</c>: every command there is.</summary>
internal static class AlterCommand
{
    internal static RootCommand Of(OperatorTools tools) => new("Tools for the operator of an Alter vault.")
    {
        MakeKey.Command(tools),
        CheckDocument.Command(tools),
        ExplainToken.Command(tools),
        GrantCommands.Command(tools),
        ShowKeyStatus.Command(tools),
        EraseUser.Command(tools),
        VerifyAudit.Command(tools),
        SmokeTest.Command(tools),
        BackUpGrants.Command(tools),
        RestoreGrants.Command(tools),
    };
}
