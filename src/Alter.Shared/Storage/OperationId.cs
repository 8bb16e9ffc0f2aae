using System.Security.Cryptography;

namespace Alter.Storage;

/// <summary>
/// Marks one conditional write. After 412 or 409 a row that carries our own id tells that the write landed and only its answer got lost:
/// the client retries by itself, and would otherwise be locked out by its own success.
/// </summary>
public static class OperationId
{
    private const int Length = 16;
    private const int Block = 64 * Length;

    // Asking for random bytes costs the same for many as for few, and every request has an id.
    [ThreadStatic]
    private static byte[]? drawn;

    [ThreadStatic]
    private static int left;

    /// <summary>128 random bits as hex.</summary>
    public static string New()
    {
        if (left == 0)
        {
            RandomNumberGenerator.Fill(drawn ??= new byte[Block]);
            left = Block;
        }

        left -= Length;
        return Convert.ToHexStringLower(drawn.AsSpan(left, Length));
    }
}
