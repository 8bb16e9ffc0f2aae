namespace Alter.Storage;

/// <summary>A backup cannot be taken, or not be restored: says why in a sentence for the operator, never with a value of a row in it.</summary>
public sealed class BackupRefusedException(string message, Exception? inner = null) : Exception(message, inner);
