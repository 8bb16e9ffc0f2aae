using System.Net;

namespace Alter.Sdk;

/// <summary>A call the vault refused or could not serve. <see cref="Action"/> says what can be done about it.</summary>
/// <remarks>It is no <see cref="HttpRequestException"/>, which resilience handlers repeat: what may be repeated, the SDK has repeated already.</remarks>
public abstract class AlterException : Exception
{
    private protected AlterException(AlterProblem problem)
        : base(problem.Message, problem.InnerException)
    {
        Code = problem.Code;
        Action = problem.Action;
        Provider = problem.Provider;
        StatusCode = problem.StatusCode;
        RequestId = problem.RequestId;
        RetryAfter = problem.RetryAfter;
    }

    /// <summary>The vault's error code, such as <c>grant_not_found</c>.</summary>
    public string Code { get; }

    /// <summary>What can be done.</summary>
    public AlterAction Action { get; }

    /// <summary>The provider concerned, where the call or the vault named one.</summary>
    public string? Provider { get; }

    /// <summary>The status of the vault's answer; null where there was none.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>Names the call in the vault's log; null where the vault did not answer.</summary>
    public string? RequestId { get; }

    /// <summary>How long to wait before the next try, where the vault said so.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>Whether the same call may succeed later without anybody doing anything.</summary>
    public bool IsTransient => Action is AlterAction.Retry;

    /// <summary>Finds the vault's refusal in what a library threw around it; null where there is none.</summary>
    public static AlterException? Find(Exception? exception)
    {
        for (var (current, depth) = (exception, 0); current is not null && depth < 20; current = current.InnerException, depth++)
        {
            switch (current)
            {
                case AlterException found:
                    return found;
                case AggregateException { InnerExceptions.Count: > 1 } several when several.InnerExceptions.Select(Find).FirstOrDefault(found => found is not null) is { } one:
                    return one;
            }
        }

        return null;
    }
}
