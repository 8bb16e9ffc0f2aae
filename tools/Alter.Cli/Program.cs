using System.CommandLine;
using Alter.Cli;

return new RootCommand("Tools for the operator of an Alter vault.") { MakeKey.Command(TimeProvider.System) }.Parse(args).Invoke();
