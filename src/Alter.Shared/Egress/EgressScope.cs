namespace Alter.Egress;

/// <summary>Where an outgoing call may lead.</summary>
public enum EgressScope
{
    /// <summary>https to public addresses.</summary>
    Public,

    /// <summary>Loopback as well, there also by http. For definitions marked <c>allow_insecure_local</c>, in Development only.</summary>
    LoopbackToo,
}
