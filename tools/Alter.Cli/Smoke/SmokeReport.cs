using Alter.Cli.Check;

namespace Alter.Cli.Smoke;

/// <summary>One look after the other, whatever became of the one before.</summary>
internal static class SmokeReport
{
    /// <summary>Runs a look. That no answer came is no problem by itself, but to be known.</summary>
    public static async Task TryAsync(this Report report, string name, Func<Task> look)
    {
        try
        {
            await look();
        }
        catch (HttpRequestException e)
        {
            report.Noted($"{name}: the connection ended without an answer ({Shown.Text(e.Message)})");
        }
    }
}
