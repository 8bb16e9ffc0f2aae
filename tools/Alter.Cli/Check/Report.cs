namespace Alter.Cli.Check;

/// <summary>Lines for people, and how many of them are problems.</summary>
internal sealed class Report(TextWriter output)
{
    /// <summary>Lines that say something must be changed.</summary>
    public int Problems { get; private set; }

    public void Heading(string text)
    {
        output.WriteLine();
        output.WriteLine(text);
    }

    public void Right(string text) => output.WriteLine($"  ok  {text}");

    /// <summary>Something that could not be looked at from here; no problem, and no promise.</summary>
    public void Unknown(string text) => output.WriteLine($"  --  {text}");

    /// <summary>Something the operator wanted so and should not forget; no problem.</summary>
    public void Noted(string text) => output.WriteLine($"  **  {text}");

    public void Wrong(string text)
    {
        Problems++;
        output.WriteLine($"  !!  {text}");
    }

    public void Plain(string text) => output.WriteLine($"  {text}");

    /// <summary>The last line, and the exit code.</summary>
    public int Close()
    {
        output.WriteLine();
        output.WriteLine(Problems switch
        {
            0 => "Nothing is wrong.",
            1 => "1 problem.",
            var many => $"{many} problems.",
        });
        return Problems == 0 ? 0 : 1;
    }
}
