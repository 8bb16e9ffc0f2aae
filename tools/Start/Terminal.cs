using System.Diagnostics;
using System.Globalization;

namespace Alter.Start;

/// <summary>What a person sees. Lines of many processes arrive at once, and none may tear another.</summary>
internal sealed class Terminal(TextWriter output, bool colours)
{
    private const int PrefixWidth = 8;

    private readonly Lock gate = new();
    private string? openLine;

    /// <summary>Standard output; colours only on a terminal, and only where NO_COLOR (no-color.org) is not set.</summary>
    public static Terminal Standard() =>
        new(Console.Out, !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    public void Say(string line = "")
    {
        lock (gate)
        {
            BreakLine();
            output.WriteLine(line);
        }
    }

    /// <summary>A line of a child, named in front.</summary>
    /// <param name="colour">An ANSI foreground, 31 to 36.</param>
    public void SayOf(string child, int colour, string line)
    {
        var prefix = $"{child,-PrefixWidth} │";
        Say(colours ? $"\e[{colour}m{prefix}\e[0m {line}" : $"{prefix} {line}");
    }

    /// <summary>What went wrong, on standard error.</summary>
    public void Fail(string message)
    {
        lock (gate)
        {
            BreakLine();
            Console.Error.WriteLine(message);
        }
    }

    /// <summary>Green or red, where there are colours.</summary>
    public string Mark(bool good) => (colours, good) switch
    {
        (true, true) => "\e[32m✓\e[0m",
        (true, false) => "\e[31m✗\e[0m",
        (false, true) => "✓",
        _ => "✗",
    };

    /// <summary>Says what is being done, then how long it took.</summary>
    public async Task<T> PhaseAsync<T>(string title, Func<Task<T>> work)
    {
        var clock = Stopwatch.StartNew();
        lock (gate)
        {
            BreakLine();
            output.Write($"{title} … ");
            output.Flush();
            openLine = title;
        }

        var result = await work();
        lock (gate)
        {
            output.WriteLine(openLine == title ? Seconds(clock.Elapsed) : $"{title} … {Seconds(clock.Elapsed)}");
            openLine = null;
        }

        return result;
    }

    public Task PhaseAsync(string title, Func<Task> work) => PhaseAsync(title, async () =>
    {
        await work();
        return true;
    });

    public static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture);

    private void BreakLine()
    {
        if (openLine is not null)
        {
            output.WriteLine();
            openLine = null;
        }
    }
}
