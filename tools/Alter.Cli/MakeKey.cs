using System.Buffers.Text;
using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Alter.Apps;
using Alter.Cli.Keys;

namespace Alter.Cli;

/// <summary><c>alter key &lt;app&gt;</c>: makes an app key, shows it once, and the row that goes into the document.</summary>
internal static class MakeKey
{
    public static Command Command(OperatorTools tools)
    {
        var app = new Argument<string>("app") { Description = "The app's id in the document." };
        app.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Forms.Id().IsMatch(result.Tokens[0].Value))
            {
                result.AddError("An app id is a lower-case letter, then at most 39 of a-z, 0-9, _ and -.");
            }
        });
        var command = new Command("key", "Makes a key for an app's backend. It is shown once and kept nowhere.") { app, ShowKeyUsage.Command(tools) };
        command.SetAction(result => Print(result.GetRequiredValue(app), tools.Time.GetUtcNow(), result.InvocationConfiguration.Output));
        return command;
    }

    private static int Print(string app, DateTimeOffset now, TextWriter output)
    {
        // 256 random bits; the vault knows only their digest, so a slow hash would protect nothing.
        var key = AppKeys.Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(key)));
        output.WriteLine(key);
        output.WriteLine();
        output.WriteLine("Keep this key where the backend reads its secrets; it is not shown again.");
        output.WriteLine($"Into alter.json, apps.{app}.keys:");
        output.WriteLine();
        output.WriteLine($"{{ \"id\": \"{now:yyyy_MM}\", \"sha256\": \"{digest}\" }}");
        return 0;
    }
}
