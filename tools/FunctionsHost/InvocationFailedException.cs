namespace Alter.FunctionsHost;

/// <summary>A function was run and failed, or could not be run at all.</summary>
public class InvocationFailedException(string message) : Exception(message);

/// <summary>The worker process that ran the function is gone; nobody knows how far it got.</summary>
public sealed class WorkerLostException(string message) : InvocationFailedException(message);
