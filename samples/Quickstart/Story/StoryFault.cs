using System.Globalization;

namespace Quickstart.Story;

/// <summary>The story did not go as told.</summary>
internal sealed class StoryFault(string message) : Exception(message)
{
    /// <summary>Compares, and says both where they differ.</summary>
    public static void Expect<T>(string what, T expected, T received)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, received))
        {
            throw new StoryFault(string.Create(CultureInfo.InvariantCulture, $"{what}: expected {expected}, received {received}"));
        }
    }
}
