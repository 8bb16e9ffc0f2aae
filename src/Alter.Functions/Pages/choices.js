// What can be connected, and what each asks for.
import { becomeInert, element, fill, logo, make, onClick, say, texts } from "./page.js";

const SEARCH_FROM = 8; // Fewer are seen at a glance.

// In words where there are any, the provider's own first; what has none is shown as it is.
const permissions = (provider, app) => {
  const own = [];
  const usual = [];
  for (const scope of provider.scopes) {
    const described = provider.scope_descriptions?.[scope];
    (described || !texts.scopes[scope] ? own : usual).push(described ?? texts.scopes[scope] ?? make("code", "", scope));
  }
  const all = [...new Set([...own, ...usual])];
  if (all.length === 0) { return [make("p", "asked", texts.choose.no_permissions)]; }
  return [make("p", "asked", fill(texts.choose.permissions, { app })), make("ul", "permissions", ...all.map((words) => make("li", "", words)))];
};

const button = (provider, label, className, choose) => {
  const made = make("button", className, make("span", "", label));
  made.type = "button";
  made.dataset.provider = provider.id;
  onClick(made, () => choose(provider, made));
  return made;
};

const one = (provider, app, choose) => [
  make("div", "asks", ...permissions(provider, app)),
  button(provider, fill(texts.buttons.connect_provider, { provider: provider.name }), "primary", choose),
];

const row = (provider, app, choose) => {
  const connect = button(provider, provider.connected ? texts.buttons.connected : texts.buttons.connect, "small", choose);
  connect.setAttribute("aria-label", fill(provider.connected ? texts.buttons.provider_is_connected : texts.buttons.connect_provider, { provider: provider.name }));
  connect.disabled = provider.connected;
  return make("li", "row", logo(provider.logo), make("strong", "", provider.name), connect, ...(provider.connected ? [] : [make("div", "asks", ...permissions(provider, app))]));
};

const finder = (rows) => {
  const search = element("search");
  element("finder").hidden = rows.length < SEARCH_FROM;
  element("nothing-found").hidden = true;
  search.value = "";
  search.oninput = () => {
    const sought = search.value.trim().toLowerCase();
    for (const { item, name } of rows) { item.hidden = !name.includes(sought); }
    const shown = rows.filter(({ item }) => !item.hidden).length;
    element("nothing-found").hidden = shown > 0;
    say(fill(texts.choose.found, { shown, all: rows.length }));
  };
};

// Shows the providers; choose(provider, button) is called for the one that is pressed.
export const offer = (providers, app, choose) => {
  becomeInert();
  const rows = providers.length > 1 ? providers.map((provider) => ({ item: row(provider, app, choose), name: provider.name.toLowerCase() })) : [];
  finder(rows);
  element("providers").replaceChildren(...(providers.length === 1 ? one(providers[0], app, choose) : rows.length > 1 ? [make("ul", "rows", ...rows.map(({ item }) => item))] : []));
};

// The pressed button tells what happens; the others wait.
export const wait = (pressed, label, said) => {
  for (const other of document.querySelectorAll("button")) { other.disabled = true; }
  pressed.classList.add("busy");
  pressed.replaceChildren(make("span", "", label));
  say(said);
};
