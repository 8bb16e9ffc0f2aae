using Alter.Storage;

namespace Alter.Bench.Running;

/// <summary>Seeding and looking are no part of what is measured: a busy emulator is asked again.</summary>
internal static class Patiently
{
    private const int Tries = 10;

    public static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when ((StorageFault.Is(e) || e is InvalidOperationException) && attempt < Tries)
            {
                // InvalidOperationException: a seed was not stored, for a starved emulator lets a repeated transaction meet its own half-done first try.
                await Task.Delay(TimeSpan.FromSeconds(attempt), TimeProvider.System);
            }
        }
    }
}
