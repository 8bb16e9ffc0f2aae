using Alter.Cli;

return await AlterCommand.Of(new OperatorTools(TimeProvider.System)).Parse(args).InvokeAsync();
