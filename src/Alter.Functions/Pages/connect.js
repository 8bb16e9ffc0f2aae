// The Connect page. The session token arrives in the fragment, is taken out of the address at once and lives in this module alone.
const fragment = new URLSearchParams(location.hash.slice(1));
const token = fragment.get("session");
history.replaceState(null, "", location.origin + location.pathname); // A pathname alone that begins with // would name another host.

// Another session for a window that shows this page already: only the fragment changes, so nothing would load by itself.
addEventListener("hashchange", () => { if (location.hash) { location.reload(); } });

// Only now: no request may leave while the token is in the address.
const load = () => Promise.all([import("./page.js"), import("./choices.js"), import("./vault.js")]);
const [page, choices, vault] = await load().catch((fault) => {
  document.getElementById("incomplete").hidden = false;
  throw fault;
});
const { element, fill, show, texts } = page;

const CLOSE_MS = 2000; // The opener closes this window; a close seen before the message would lose the result.
const ENDED = ["connect_session_expired", "connect_session_used"];
const STOPPED = ["connect_config", "policy_violation"]; // For one provider; another of the session may work.

let view = null;
let told = false;
let ended = false;
let fresh = false; // The next flow begins with a new sign-in.

const mode = () => view && view.mode
  || (window.opener && (window.name === "alter_oauth_popup" || !view.return_to) ? "popup" : view.return_to ? "redirect" : "popup");

// Tells the opener once: all grants of the session, or why there are none.
const tell = () => {
  if (told || !view || !view.allowed_origin || !window.opener || mode() !== "popup") { return; }
  told = true;
  const message = view.grants.length > 0
    ? { type: "alter_connect_success", grants: view.grants }
    : { type: "alter_connect_error", error: view.error || "access_denied", error_description: view.error_description || texts.told.not_connected, code: view.code || "access_denied" };
  window.opener.postMessage(message, view.allowed_origin);
};

// The Wallet sends people here too.
const home = () => view.return_to?.split("?")[0] === `${location.origin}/wallet` ? texts.buttons.back_to_wallet : fill(texts.buttons.back, { app: view.app.name });

const leave = () => {
  if (mode() === "redirect" && view.return_to) {
    location.replace(view.return_to);
    return;
  }
  tell();
  clear();
  const connected = view.grants.length > 0;
  show(connected ? texts.end.connected : texts.end.not_connected, connected ? texts.end.close : texts.end.nothing, connected ? "good" : "bad");
  element("grants").replaceChildren(...view.grants.map((grant) => {
    const provider = view.providers.find((other) => other.id === grant.provider);
    return page.make("li", "", ...(provider ? [page.logo(provider.logo)] : []), page.make("strong", "", grant.provider_name), page.make("span", "", grant.account_identifier));
  }));
  element("grants").hidden = !connected;
  ended = true;
  if (window.opener) { setTimeout(() => window.close(), CLOSE_MS); }
  else if (view.allowed_origin) { button("cancel", home()); } // A tab that was the app's is no dead end.
};

const finish = async () => {
  if (view.status !== "complete") {
    choices.wait(element("done"), texts.buttons.finishing, texts.buttons.finishing);
    await vault.close(token);
  }
  leave();
};

const clear = () => {
  choices.offer([]);
  for (const id of ["marks", "user", "not-you-help", "sign-in-first", "sign-in-again", "done", "cancel", "developers", "promise"]) { element(id).hidden = true; }
  element("not-you").setAttribute("aria-expanded", "false");
};

const button = (id, label) => {
  element(id).textContent = label;
  element(id).disabled = false;
  element(id).classList.remove("busy");
  element(id).hidden = false;
};

const connect = async (provider, pressed) => {
  const opening = fill(texts.buttons.opening, { provider: provider.name });
  choices.wait(pressed, pressed.classList.contains("small") ? texts.buttons.opening_short : opening, opening);
  try {
    const answer = await vault.authorize(token, provider.id, mode(), fresh);
    told = true; // The page goes away now, but nothing has ended.
    location.assign(answer.authorization_url);
  } catch (problem) {
    fail(problem, provider);
  }
};

// Everything a person can do from here, for a view that is there.
const offer = (providers) => {
  clear();
  const app = view.app.name;
  const single = view.providers.length === 1 ? view.providers[0] : null;
  page.marks(view.app, view.branding?.logo, single);
  choices.offer(providers, app, connect);
  const asks = providers.some((provider) => !provider.connected);
  element("user-name").textContent = view.user;
  element("user-initial").textContent = [...view.user][0]?.toUpperCase() ?? "";
  element("user").hidden = !asks;
  element("not-you").disabled = false;
  element("sign-in-first").textContent = fill(texts.choose.sign_in_first, { app });
  element("sign-in-first").hidden = !asks || view.browser_proof !== "identity" || (view.signed_in === true && !fresh);
  element("promise").textContent = fill(single ? texts.choose.promise : texts.choose.promise_many, { app, provider: single?.name });
  element("promise").hidden = !asks;
  if (view.grants.length > 0) { button("done", texts.buttons.done); }
  else { button("cancel", view.error ? home() : texts.buttons.cancel); }
};

const ask = () => {
  ended = false;
  const app = view.app.name;
  if (view.grants.length > 0) { show(texts.choose.title_more, texts.choose.message_more, "good"); }
  else if (view.providers.length === 1) { show(fill(texts.choose.title_one, { app, provider: view.providers[0].name }), ""); }
  else { show(fill(texts.choose.title_many, { app }), texts.choose.message_many); }
  offer(view.providers);
};

// The vault's refusals, and how a flow came back without an account.
const fail = (problem, provider) => {
  if (view) {
    view.code = problem.code;
    view.error = problem.code === "connect_session_expired" ? "session_expired" : problem.code; // The name the known widget gives it.
    view.error_description = problem.detail;
  }
  explain(problem.code, problem, provider);
};

const explain = (code, problem, provider) => {
  const words = texts.errors[code] ?? { title: texts.errors.other.title, message: problem.detail ?? texts.errors.other.message };
  const theirs = code === "access_denied" ? problem.detail : null; // The provider's words, cleaned by the vault.
  const names = { app: view?.app.name ?? "", user: view?.user ?? "" };
  show(words.title, theirs ?? fill(words.message, names), "bad");
  if (!view) {
    if (problem.action === "retry") { button("done", texts.buttons.retry); }
  } else if (code === "user_mismatch") {
    offer([]);
    element("sign-in-again").textContent = fill(texts.buttons.sign_in_again, names);
    element("sign-in-again").disabled = false;
    element("sign-in-again").hidden = !view.sign_in_again;
  } else {
    offer(ENDED.includes(code) || STOPPED.includes(code) && view.providers.length === 1 ? [] : view.providers);
  }
  if (code === "connect_config" || code === "vault_unavailable" || !texts.errors[code]) { developers(code, problem, provider); }
};

const developers = (code, problem, provider) => {
  // Before the person is known it was the app's own sign-in that failed, and nothing of the provider is wrong.
  const atProvider = code === "connect_config" && (problem.provider ? problem.provider === provider?.id : view.browser_proof !== "identity" || view.signed_in);
  page.facts([
    [texts.developers.error, code],
    [texts.developers.provider_error, problem.provider_error],
    [texts.developers.detail, problem.detail],
    [fill(texts.developers.redirect_uri, { provider: provider?.name ?? "" }), atProvider ? provider?.redirect_uri : null],
    [texts.developers.request, problem.request_id],
  ]);
};

// The vault offers it for the provider that was to be connected.
const signInAgain = () => {
  fresh = true;
  const same = view.providers.find((provider) => provider.id === view.sign_in_again && !provider.connected);
  if (same) { connect(same, element("sign-in-again")); } else { ask(); }
};

const open = async () => {
  if (!token) {
    explain("no_session", {});
    return;
  }
  let referrer = "";
  try { referrer = document.referrer ? new URL(document.referrer).origin : ""; } catch { /* not a URL: nothing to compare */ }
  try {
    view = await vault.open(token, referrer);
  } catch (problem) {
    fail(problem);
    return;
  }
  page.brand(view.branding);
  if (view.status === "complete") { leave(); }
  else if (view.status === "error") { explain(view.code, { detail: view.error_description }, view.providers.find((provider) => provider.id === view.failed_provider)); }
  else { ask(); }
};

page.onClick(element("done"), () => {
  if (view) { finish(); } else { element("done").hidden = true; open(); }
});
page.onClick(element("cancel"), () => { if (ended) { location.assign(view.allowed_origin); } else { leave(); } });
page.onClick(element("sign-in-again"), signInAgain);
page.onClick(element("not-you"), () => {
  element("not-you-help").hidden = false;
  element("not-you").setAttribute("aria-expanded", "true");
});

// A window closed by hand still tells what it has.
addEventListener("pagehide", () => { if (view && (view.grants.length > 0 || view.error)) { tell(); } });

// Back from the provider to a page the browser had kept as it was.
addEventListener("pageshow", (event) => { if (event.persisted && view) { told = false; ask(); } });

await open();
