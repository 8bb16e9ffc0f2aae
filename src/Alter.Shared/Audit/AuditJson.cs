using System.Text.Json.Serialization;

namespace Alter.Audit;

/// <summary>How entries are written, known at build time: a process that has just started need not look at their members one by one.</summary>
[JsonSerializable(typeof(AuditEntry))]
internal sealed partial class AuditJson : JsonSerializerContext;
