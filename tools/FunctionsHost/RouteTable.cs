using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Alter.FunctionsHost;

/// <summary>
/// The HTTP functions in the order in which Azure tries them: by name, without regard to case. The first whose template, constraints and
/// method all fit wins, however specific a later one is.
/// </summary>
internal sealed class RouteTable
{
    private readonly List<Entry> entries = [];

    private RouteTable()
    {
    }

    /// <summary>The functions that have a route, in matching order, for the greeting.</summary>
    public IEnumerable<(FunctionDefinition Function, string Template)> Routes => entries.Select(e => (e.Function, e.Template));

    /// <summary>Builds the table. Each function whose route Azure would refuse is left out and reported.</summary>
    public static RouteTable Build(IEnumerable<FunctionDefinition> functions, string prefix, IInlineConstraintResolver constraints, Action<string, string> reportFault)
    {
        var table = new RouteTable();
        foreach (var function in functions.Where(f => f.Trigger is HttpTrigger).OrderBy(f => f.Name, StringComparer.OrdinalIgnoreCase))
        {
            var trigger = (HttpTrigger)function.Trigger;
            var route = string.IsNullOrEmpty(trigger.Route) ? function.Name : trigger.Route.Trim('/');
            if (route.StartsWith("admin", StringComparison.OrdinalIgnoreCase) || route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase))
            {
                reportFault(function.Name, $"its route \"{route}\" begins with \"admin\" or \"runtime\", which the Functions host keeps for itself");
                continue;
            }

            var template = prefix.Length == 0 ? route : $"{prefix}/{route}";
            try
            {
                table.entries.Add(new Entry(function, template, trigger.Methods, constraints));
            }
            catch (Exception e) when (e is ArgumentException or RouteCreationException or InvalidOperationException)
            {
                reportFault(function.Name, $"its route \"{template}\" is no valid template: {e.Message}");
            }
        }

        return table;
    }

    public RouteMatch? Match(HttpContext context)
    {
        foreach (var entry in entries)
        {
            if (entry.Match(context) is { } values)
            {
                return new RouteMatch(entry.Function, values);
            }
        }

        return null;
    }

    private sealed class Entry
    {
        private readonly IReadOnlyList<string> methods;
        private readonly TemplateMatcher matcher;
        private readonly bool takesAnyPath;
        private readonly PathString beginning;
        private readonly Dictionary<string, IRouteConstraint> constraints = new(StringComparer.OrdinalIgnoreCase);

        public Entry(FunctionDefinition function, string template, IReadOnlyList<string> methods, IInlineConstraintResolver resolver)
        {
            (Function, Template, this.methods) = (function, template, methods);
            var parsed = TemplateParser.Parse(template);
            var defaults = new RouteValueDictionary();
            var builder = new RouteConstraintBuilder(resolver, template);
            foreach (var parameter in parsed.Parameters)
            {
                if (parameter.DefaultValue is not null)
                {
                    defaults.Add(parameter.Name!, parameter.DefaultValue);
                }

                if (parameter.IsOptional)
                {
                    builder.SetOptional(parameter.Name!);
                }

                foreach (var constraint in parameter.InlineConstraints)
                {
                    builder.AddResolvedConstraint(parameter.Name!, constraint.Constraint);
                }
            }

            matcher = new TemplateMatcher(parsed, defaults);
            takesAnyPath = parsed.Segments is [{ Parts: [{ IsCatchAll: true }] }];
            beginning = new PathString(string.Concat(parsed.Segments.TakeWhile(segment => segment.Parts is [{ IsLiteral: true }]).Select(segment => $"/{segment.Parts[0].Text}")));
            foreach (var (name, constraint) in builder.Build())
            {
                constraints.Add(name, constraint);
            }
        }

        public FunctionDefinition Function { get; }

        public string Template { get; }

        public RouteValueDictionary? Match(HttpContext context)
        {
            // Spares an app with many functions the matching of each; Azure's host has an index.
            if (!context.Request.Path.StartsWithSegments(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return null;
            }

            // HEAD is not implied by GET, neither here nor in Azure.
            if (methods.Count > 0 && !methods.Contains(context.Request.Method, StringComparer.OrdinalIgnoreCase))
            {
                return null;
            }

            var values = new RouteValueDictionary();
            if (takesAnyPath && context.Request.Path.Value is ['/', '/', ..] doubled)
            {
                // The matcher refuses an empty first segment. Whether Azure does too was not seen: docs/local-functions-host.md.
                values[matcher.Template.Parameters[0].Name!] = doubled[1..];
                return values;
            }

            return matcher.TryMatch(context.Request.Path, values)
                && constraints.All(c => c.Value.Match(context, route: null, c.Key, values, RouteDirection.IncomingRequest)) ? values : null;
        }
    }
}

/// <summary>The function a request goes to, and what its route template took from the path.</summary>
internal sealed record RouteMatch(FunctionDefinition Function, RouteValueDictionary Values);
