using System.CommandLine;
using Alter.Cli;
using Alter.Cli.Check;
using Alter.Cli.Jwt;
using Alter.Cli.Users;

var tools = new OperatorTools(TimeProvider.System);
return await new RootCommand("Tools for the operator of an Alter vault.") { MakeKey.Command(TimeProvider.System), CheckDocument.Command(tools), ExplainToken.Command(tools), EraseUser.Command(tools) }
    .Parse(args)
    .InvokeAsync();
