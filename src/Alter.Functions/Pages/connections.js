// What somebody has connected, by app.
import { element, fill, logo, make, onClick, texts } from "./page.js";

const days = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });

export const dateOf = (instant) => days.format(new Date(instant));

const time = (instant) => {
  const made = make("time", "", dateOf(instant));
  made.dateTime = instant;
  return made;
};

// In words where there are any, the provider's own first, as on the Connect page.
const permissions = (connection) => {
  const own = [];
  const usual = [];
  for (const scope of connection.scopes) {
    const described = connection.scope_descriptions[scope];
    (described || !texts.scopes[scope] ? own : usual).push(described ?? texts.scopes[scope] ?? make("code", "", scope));
  }
  const all = [...new Set([...own, ...usual])];
  if (all.length === 0) { return [make("p", "asked", texts.connection.no_permissions)]; }
  return [make("p", "asked", fill(texts.connection.permissions, { app: connection.app.name })), make("ul", "permissions", ...all.map((one) => make("li", "", one)))];
};

const facts = (connection) => {
  const pairs = [
    [texts.connection.connected, time(connection.created_at)],
    [texts.connection.last_used, connection.last_used_at ? time(connection.last_used_at) : texts.connection.never],
    [texts.connection.ends, connection.expires_at ? time(connection.expires_at) : texts.connection.no_end],
  ];
  return make("dl", "facts", ...pairs.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
};

const state = (connection) => {
  const kind = connection.reason === null ? "good" : connection.reason === "retrying" || connection.reason === "suspended" ? "" : "bad";
  const made = make("span", "pill", connection.reason === null ? texts.connection.works : texts.reasons[connection.reason]?.state ?? texts.connection.broken);
  made.dataset.kind = kind;
  return made;
};

const button = (id, label, about, className, action) => {
  const made = make("button", className, make("span", "", label));
  made.type = "button";
  made.dataset.action = id;
  made.setAttribute("aria-label", fill(about.label, about.values));
  onClick(made, () => action(made));
  return made;
};

const actions = (connection, { revoke, reconnect, extend }) => {
  const values = { provider: connection.provider.name, account: connection.account_identifier, app: connection.app.name };
  const about = (label) => ({ label, values });
  return make(
    "div",
    "choices",
    ...(connection.can_reconnect ? [button("reconnect", texts.connection.reconnect, about(texts.connection.reconnect_label), "small", (pressed) => reconnect(connection, pressed))] : []),
    ...(connection.can_extend ? [button("extend", texts.connection.extend, about(texts.connection.extend_label), "small", () => extend(connection))] : []),
    button("revoke", texts.connection.revoke, about(texts.connection.revoke_label), "", () => revoke(connection)),
  );
};

const reason = (connection) => {
  const words = connection.reason === null ? "" : texts.reasons[connection.reason]?.message ?? "";
  if (!words) { return []; }
  const parts = [make("span", "", fill(words, { app: connection.app.name, provider: connection.provider.name }))];
  if (!connection.can_reconnect && ["expired", "orphaned"].includes(connection.reason) && connection.app.website_url) {
    const link = make("a", "", fill(texts.connection.to_app, { app: connection.app.name }));
    link.href = connection.app.website_url;
    link.rel = "noreferrer";
    parts.push(" ", link);
  }
  return [make("p", "why", ...parts)];
};

const card = (connection, choices) => {
  const more = make("details", "asks", make("summary", "", texts.connection.details), ...permissions(connection), facts(connection));
  const item = make(
    "li",
    "connection",
    make(
      "div",
      "head",
      ...(connection.provider.logo ? [logo(connection.provider.logo)] : [make("span", "logo")]),
      make("div", "", make("h3", "", connection.provider.name), make("p", "account", connection.account_identifier)),
      state(connection),
    ),
    ...reason(connection),
    more,
    actions(connection, choices),
  );
  item.dataset.grant = connection.grant_id;
  return item;
};

export const show = (all, choices) => {
  if (all.length === 0) {
    element("connections").replaceChildren(make("p", "centered", texts.wallet.empty));
    return;
  }
  const apps = [...new Map(all.map((connection) => [connection.app.id, connection.app])).values()];
  element("connections").replaceChildren(...apps.map((app) => {
    const head = make("h2", "app", ...(app.logo ? [logo(app.logo)] : []), make("span", "", app.name));
    return make("section", "", head, make("ul", "connections", ...all.filter((connection) => connection.app.id === app.id).map((connection) => card(connection, choices))));
  }));
};
