using System.Security.Cryptography;

namespace Alter.Storage;

/// <summary>
/// Marks one conditional write. After 412 or 409 a row that carries our own id tells that the write landed and only its answer got lost:
/// the client retries by itself, and would otherwise be locked out by its own success.
/// </summary>
public static class OperationId
{
    /// <summary>128 random bits as hex.</summary>
    public static string New() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
