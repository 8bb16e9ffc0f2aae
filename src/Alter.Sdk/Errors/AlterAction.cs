namespace Alter.Sdk;

/// <summary>What can be done about an <see cref="AlterException"/>.</summary>
public enum AlterAction
{
    /// <summary>Nothing the caller could do.</summary>
    None,

    /// <summary>Open Connect, so that the user connects the account (again).</summary>
    Connect,

    /// <summary>Let the user choose among the connected accounts and repeat the call with that account.</summary>
    ChooseAccount,

    /// <summary>Repeat the call later, no earlier than <see cref="AlterException.RetryAfter"/>.</summary>
    Retry,

    /// <summary>The calling code is wrong.</summary>
    FixCall,

    /// <summary>The app's configuration, here or in the vault, is wrong.</summary>
    FixConfiguration,
}
