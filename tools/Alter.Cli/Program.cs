using System.CommandLine;
using Alter.Cli;
using Alter.Cli.Check;
using Alter.Cli.Grants;
using Alter.Cli.Jwt;

var tools = new OperatorTools(TimeProvider.System);
return await new RootCommand("Tools for the operator of an Alter vault.")
    {
        MakeKey.Command(TimeProvider.System), CheckDocument.Command(tools), ExplainToken.Command(tools), GrantCommands.Command(tools),
    }
    .Parse(args)
    .InvokeAsync();
