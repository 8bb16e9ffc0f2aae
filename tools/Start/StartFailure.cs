namespace Alter.Start;

/// <summary>Something a person has to do something about; the message says what.</summary>
internal sealed class StartFailure(string message) : Exception(message);
