// Who called what with somebody's accounts, when, why, and how it ended.
import { element, fill, make, onClick, say, texts } from "./page.js";

const moments = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });

const OUTCOMES = ["answered", "policy_violation", "scope_reauth_required", "grant_expired", "grant_revoked", "credential_revoked", "provider_unreachable", "provider_timeout", "caller_left",
  "created", "reauthorized", "revoked", "expired"];

let ask = null;
let failed = null;
let apps = [];
let listed = [];
let next = null;
let asked = 0; // Only the newest question's answer is shown.

const chosen = (name) => element(`filter-${name}`).value;

// The beginning of a day where the person is.
const dayOf = (name, later) => {
  const [year, month, day] = chosen(name).split("-").map(Number);
  return new Date(year, month - 1, day + later).toISOString();
};

const query = (further) => {
  const parameters = new URLSearchParams({ app: chosen("app") });
  for (const name of ["provider", "outcome"]) { if (chosen(name)) { parameters.set(name, chosen(name)); } }
  if (chosen("since")) { parameters.set("since", dayOf("since", 0)); }
  if (chosen("until")) { parameters.set("until", dayOf("until", 1)); } // The day that was chosen is part of it.
  for (const [name, value] of Object.entries(further)) { parameters.set(name, value); }
  return parameters;
};

const option = (value, label) => {
  const made = make("option", "", label);
  made.value = value;
  return made;
};

const providers = () => apps.find((app) => app.id === chosen("app"))?.providers ?? [];

const offerProviders = () => element("filter-provider").replaceChildren(option("", texts.activity.any), ...providers().map((provider) => option(provider.id, provider.name)));

// What happened, in a few words.
const happened = (entry) => {
  const provider = providers().find((other) => other.id === entry.provider)?.name ?? entry.provider ?? "";
  if (entry.method && entry.url) { return [make("code", "", `${entry.method} ${entry.url}`)]; }
  return [fill(texts.outcomes[entry.outcome] ?? texts.activity.something, { provider })];
};

const kindOf = (entry) => {
  if (entry.kind === "grant") { return ""; }
  return entry.outcome === "answered" && entry.status < 400 ? "good" : "bad";
};

const pill = (entry) => {
  const label = entry.outcome === "answered" ? String(entry.status) : texts.outcomes_short[entry.outcome] ?? entry.outcome ?? texts.activity.unknown;
  const made = make("span", "pill", label);
  made.dataset.kind = kindOf(entry);
  return made;
};

const fact = (name, value) => value ? [make("div", "", make("dt", "", name), make("dd", "", value))] : [];

const row = (entry) => {
  const time = make("time", "", moments.format(new Date(entry.at)));
  time.dateTime = entry.at;
  const account = listed.find((connection) => connection.grant_id === entry.grant_id)?.account_identifier;
  const context = entry.context ? Object.entries(entry.context).map(([name, value]) => `${name}: ${value}`).join(", ") : "";
  const provider = providers().find((other) => other.id === entry.provider)?.name ?? entry.provider;
  return make(
    "li",
    "entry",
    make("div", "head", make("p", "what", ...happened(entry)), pill(entry)),
    make("p", "when", time, ...(provider ? [" · ", provider] : []), ...(account ? [" · ", account] : [])),
    make(
      "details",
      "asks",
      make("summary", "", texts.activity.why),
      make("p", "", entry.explanation),
      make(
        "dl",
        "facts",
        ...fact(texts.activity.reason, entry.reason),
        ...fact(texts.activity.caller, entry.caller ?? entry.key_id),
        ...fact(texts.activity.context, context),
        ...fact(texts.activity.policy, [entry.policy, entry.rule].filter(Boolean).join(" ")),
        ...fact(texts.activity.request, entry.request_id),
      ),
    ),
  );
};

const message = (text) => {
  element("activity-message").textContent = text;
  element("activity-message").hidden = !text;
};

const show = async (after) => {
  const mine = ++asked;
  if (!after) {
    element("entries").replaceChildren();
    message(texts.page.loading);
  }
  element("more").hidden = true;
  element("download").hidden = true;
  try {
    const page = await ask(`activity?${query(after ? { cursor: after } : {})}`);
    if (mine !== asked) { return; }
    element("entries").append(...page.entries.map(row));
    const shown = element("entries").children.length;
    message(shown === 0 ? texts.activity.empty : "");
    say(shown === 0 ? texts.activity.empty : fill(texts.activity.shown, { shown }));
    next = page.next_cursor;
    element("more").hidden = !next;
    element("download").href = `/wallet/activity?${query({ format: "csv" })}`;
    element("download").hidden = shown === 0;
  } catch (problem) {
    if (mine === asked) { failed(problem); }
  }
};

export const open = (get, known, connections, fail) => {
  [ask, apps, listed, failed] = [get, known, connections, fail];
  const app = chosen("app");
  element("filter-app").replaceChildren(...apps.map(({ id, name }) => option(id, name)));
  if (apps.some(({ id }) => id === app)) { element("filter-app").value = app; }
  element("filter-app").parentElement.hidden = apps.length < 2;
  if (!element("filter-outcome").options.length) {
    element("filter-outcome").append(option("", texts.activity.any), ...OUTCOMES.map((outcome) => option(outcome, texts.outcomes_short[outcome] ?? outcome)));
  }
  offerProviders();
  if (apps.length === 0) { message(texts.activity.empty); } else { show(); }
};

element("filters").addEventListener("submit", (event) => event.preventDefault());
element("filters").addEventListener("change", (event) => {
  if (event.target.id === "filter-app") { offerProviders(); }
  show();
});
onClick(element("more"), () => show(next));
