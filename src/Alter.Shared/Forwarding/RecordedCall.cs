using Alter.Audit;
using Alter.Grants;
using Alter.Policies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Alter.Forwarding;

/// <summary>Makes a call and its record one: nothing of a call shows before it is recorded.</summary>
/// <remarks>
/// <code>
///   safe methods (RFC 9110 §9.2.1)                          all others
///   1 decide: grant, policy, token                          1 decide  ∥  2 `call`
///   3 provider  ∥  2 `call`                                   both awaited: what is not recorded is not sent
///   4 `call` awaited before the first byte of the answer    3 provider
///   5 `end`: how it came out                                5 `end`
/// </code>
/// So a warm call waits for one storage round trip before its provider is called, whatever its method. Refused at 1, a safe call has only its `end`.
/// </remarks>
public sealed class RecordedCall(ProviderCall calls, ProviderForwarder forwarder, AuditRecord record, TimeProvider time)
{
    /// <summary>Decides, records and forwards.</summary>
    /// <param name="context">The request and its answer.</param>
    /// <param name="request">What is known of it: who calls, for whom, which method and URL, why.</param>
    /// <param name="call">What is asked for. Once its grant is found, a denial is the grant's and its owner's too.</param>
    /// <param name="statusOf">How a refusal shows on the wire.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>Null once an answer was begun or the caller left; else why not, <see cref="AuditUnavailable"/> where it cannot be recorded.</returns>
    public async Task<Refusal?> RunAsync(
        HttpContext context,
        RequestEntry request,
        IncomingCall call,
        Func<Refusal, int> statusOf,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(statusOf);
        var isSafe = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method);
        request.Open();
        var written = isSafe ? null : record.AppendAsync(request.ToEntry()); // 2
        Outcome<PreparedCall> prepared;
        try
        {
            prepared = await calls.PrepareAsync(call, cancellationToken); // 1
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            End(context, request, call.Found, null, refusal: null, statusOf);
            throw;
        }

        if (!prepared.Succeeded(out var sent, out var refusal))
        {
            return End(context, request, call.Found, null, refusal, statusOf);
        }

        var grant = sent.Token.Grant; // As it is now: it may have been renewed on the way.
        if (written is not null && !await written)
        {
            return End(context, request, grant, null, new AuditUnavailable(), statusOf);
        }

        // 2, 3: on its way to the provider first, so that writing it costs no time; whichever needs it first has it written.
        var recording = new Recording(record, request.ToEntry(grant), written);
        using var passing = new Passing(context);
        var forwarding = forwarder.ForwardAsync(context, sent, recording.WriteAsync);
        written = recording.WriteAsync();
        refusal = await forwarding; // 4

        // A refusal is an answer too.
        return End(context, request, grant, passing, refusal is null || await written ? refusal : new AuditUnavailable(), statusOf);
    }

    private Refusal? End(HttpContext context, RequestEntry request, Grant? grant, Passing? passing, Refusal? refusal, Func<Refusal, int> statusOf) // 5
    {
        var end = request.ToEnd(
            grant,
            refusal,
            time.GetUtcNow(),
            OutcomeOf(context),
            refusal is not null ? statusOf(refusal) : context.Response.HasStarted ? context.Response.StatusCode : null,
            passing?.BytesIn,
            passing?.BytesOut);
        record.Note(end);
        request.Close(end);
        return refusal;
    }

    private static string OutcomeOf(HttpContext context) => context.Features.Get<IForwarderErrorFeature>()?.Error switch
    {
        null => context.Response.HasStarted ? AuditOutcomes.Answered : AuditOutcomes.CallerLeft,
        ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.RequestBodyClient or ForwarderError.ResponseBodyCanceled or ForwarderError.ResponseBodyClient =>
            AuditOutcomes.CallerLeft,
        _ => AuditOutcomes.CutOff,
    };

    // The entry is written once, by whichever of two threads asks first.
    private sealed class Recording(AuditRecord record, AuditEntry entry, Task<bool>? written)
    {
        private readonly Lock gate = new();

        public Task<bool> WriteAsync()
        {
            lock (gate)
            {
                try
                {
                    return written ??= record.AppendAsync(entry);
                }
                catch (Exception e)
                {
                    return written = Task.FromException<bool>(e); // Heard where it is awaited: the call is on its way, and nothing may leave before that has ended.
                }
            }
        }
    }

    // The bodies, counted on their way.
    private sealed class Passing : IDisposable
    {
        private readonly HttpContext context;
        private readonly IHttpResponseBodyFeature? server;
        private readonly CountedResponse? response;
        private readonly CountedStream? request;

        public Passing(HttpContext context)
        {
            this.context = context;
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false })
            {
                request = new CountedStream(context.Request.Body);
                context.Request.Body = request;
            }

            server = context.Features.Get<IHttpResponseBodyFeature>();
            if (server is not null)
            {
                response = new CountedResponse(server);
                context.Features.Set<IHttpResponseBodyFeature>(response);
            }
        }

        public long? BytesOut => response?.Count;

        // A body that may be repeated is read as a whole first; a refused one may not have been read at all.
        public long BytesIn => request?.Count ?? 0;

        public void Dispose()
        {
            context.Features.Set(server);
            response?.Dispose();
            request?.Dispose();
        }
    }
}
