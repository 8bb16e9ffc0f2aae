namespace Alter.FunctionsHost;

/// <summary>The host cannot start, for a reason its user can mend; the message is one line and complete.</summary>
public sealed class HostStartException(string message) : Exception(message);
