// alter-connect 0.1.0, MIT. Opens Alter Connect from a web page and brings back what was connected.
//
// A flow ends exactly once, by whichever comes first:
//   1. the Connect page posts its result to this window (vault's origin, and from the very window opened here);
//   2. the popup reads as closed. Either a person closed it, or a page on the way cut it off from us (Cross-Origin-Opener-Policy):
//      both read alike, so the vault is asked how the session stands, until there is a result or the person is back on this page;
//   3. close() or destroy().

const VERSION = "0.1.0";
const POPUP = "alter_oauth_popup"; // By this name the Connect page knows that it is a popup.
const LEFT = "alter_oauth_state"; // In sessionStorage while the person is away by redirect: { timestamp, returnUrl }.
const WATCH_MS = 500;
const LOOK_MS = 1000;
const AWAY_MS = 15 * 60_000; // A session lives ten minutes; the rest is for the provider's pages.

// A script loaded from a vault knows where the vault is. In a module this is undefined.
const loadedFrom = /^(https?:.*)\/sdk\/connect\.js([?#]|$)/.exec(globalThis.document?.currentScript?.src ?? "")?.[1];

const failure = (code, message, details) => Object.assign(new Error(message), { code, details });

const call = (listener, ...values) => {
  try { listener?.(...values); } catch (error) { reportError(error); } // One listener's mistake is not the next one's.
};

const vaultAt = (baseURL) => {
  let url = null;
  try { url = new URL(baseURL); } catch { /* said below */ }
  if (!/^https?:$/.test(url?.protocol)) {
    throw failure("invalid_options", `baseURL must be the vault's full address, such as https://vault.example.com, and is ${baseURL || "not known"}.`);
  }
  return { origin: url.origin, connect: `${url.origin}${url.pathname.replace(/\/+$/, "")}/sdk/oauth/connect` };
};

// What an app's backend answers: the token alone, or the vault's answer as it is.
const sessionOf = (answer) => {
  const token = typeof answer === "string" ? answer : answer?.session_token ?? answer?.sessionToken;
  if (!token || typeof token !== "string") {
    throw failure("invalid_session", "The app's backend answered no session token.");
  }
  return { token, baseURL: /^(.+)\/sdk\/oauth\/connect(#|$)/.exec(answer.connect_url ?? answer.connectUrl ?? "")?.[1] };
};

/** An array that also answers for its first grant, for code that expects one connection. */
const grantsOf = (items) => {
  const grants = (Array.isArray(items) ? items : []).filter((item) => item?.grant_id && item.provider).map((item) => ({
    ...item,
    provider_name: item.provider_name || item.provider,
    account_identifier: item.account_identifier || "",
    timestamp: item.timestamp || new Date().toISOString(),
    operation: item.operation === "reauth" ? "reauth" : "creation",
    scopes: Array.isArray(item.scopes) ? item.scopes : [],
    status: item.status || "active",
  }));
  return Object.defineProperties(grants, {
    provider: { value: grants[0]?.provider },
    accountIdentifier: { value: grants[0]?.account_identifier },
  });
};

const errorOf = (answer) => ({ code: answer.error || "oauth_error", message: answer.error_description || "The account was not connected.", details: answer });

const invalidResponse = { code: "invalid_response", message: "The vault's answer holds no grant." };

// Phones, and tablets held upright: a popup there is a tab that hides the page.
const prefersRedirect = () => {
  const mobile = /Android|webOS|iPhone|iPad|iPod|BlackBerry|IEMobile|Opera Mini/i.test(navigator.userAgent)
    || ((navigator.maxTouchPoints > 0 || "ontouchstart" in window) && innerWidth <= 768);
  return mobile && (innerWidth <= 480 || (innerWidth <= 1024 && innerHeight > innerWidth));
};

const popupFeatures = () => {
  const left = Math.round(screenX + (outerWidth - 500) / 2);
  const top = Math.round(screenY + (outerHeight - 700) / 2);
  return `width=500,height=700,left=${left},top=${top},resizable=yes,scrollbars=yes,status=yes`;
};

// What a redirect brought, until somebody listens. It belongs to the page, not to the instance that read it:
// frameworks create and throw away instances before the one that stays.
let returned = null;

const readReturn = () => {
  let left = null;
  try { left = JSON.parse(sessionStorage.getItem(LEFT)); } catch { /* no storage, or not ours */ }
  if (!left) { return; }
  const query = new URLSearchParams(location.search);
  const succeeded = query.get("alter_connect_success") === "true";
  const late = !(Date.now() - left.timestamp < AWAY_MS);
  if (!late && !succeeded && !query.get("alter_connect_error")) { return; }
  sessionStorage.removeItem(LEFT);
  if (late) { return; }
  if (succeeded) {
    const item = Object.fromEntries(query);
    const names = ["grant_id", "provider", "provider_name", "account_identifier", "timestamp", "operation", "status"];
    const grant = Object.fromEntries(names.filter((name) => item[name]).map((name) => [name, item[name]]));
    if (item.completion_code) { grant.metadata = { completion_code: item.completion_code }; } // Where a message has it.
    const grants = grantsOf(item.account_identifier ? [{ ...grant, scopes: item.scopes ? item.scopes.split(",") : [] }] : []);
    returned = grants.length > 0 ? ["success", grants] : ["error", invalidResponse];
  } else {
    returned = ["error", errorOf({ error: query.get("error_code"), error_description: query.get("error_description") })];
  }
  try {
    history.replaceState(history.state, "", left.returnUrl);
  } catch {
    history.replaceState(history.state, "", location.origin + location.pathname);
  }
};

class AlterConnect {
  #debug;
  #baseURL;
  #listeners = new Map();
  #flow = null;
  #destroyed = false;

  /** @see alter-connect.d.ts, which describes every member. */
  static create(config) { return new AlterConnect(config); }

  constructor({ debug = false, baseURL } = {}) {
    this.#debug = debug;
    this.#baseURL = baseURL;
    if (globalThis.window) { readReturn(); }
  }

  // Everything before the first await runs inside the caller's click: browsers open windows nowhere else.
  async open(options = {}) {
    this.#alive("open");
    const { token, mode = prefersRedirect() ? "redirect" : "popup" } = options;
    if (!token || !["string", "function", "object"].includes(typeof token)) {
      throw failure("invalid_options", "token is required: a session token of your backend, a promise of one, or a function that returns one.");
    }
    if (typeof options.onSuccess !== "function") {
      throw failure("invalid_options", "onSuccess is required.");
    }
    const baseURL = options.baseURL ?? this.#baseURL ?? loadedFrom;
    const ready = typeof token === "string" ? { token, vault: vaultAt(baseURL) } : null;
    if (!ready && baseURL) { vaultAt(baseURL); }
    if (this.#flow) {
      if (!this.#flow.popup?.closed) {
        this.#flow.popup?.focus();
        return;
      }
      this.#end(this.#flow, "exit");
    }

    const flow = { options, mode, stop: new AbortController(), popup: null, ended: false, ...ready };
    this.#flow = flow;
    if (mode === "popup") {
      flow.popup = window.open(ready ? this.#addressOf(flow) : "", POPUP, popupFeatures());
      if (!flow.popup) {
        this.#fail(flow, "popup_blocked", "The browser blocked the window. Call open() inside the click, or allow popups for this page.");
        return;
      }
      const watch = setInterval(() => {
        if (flow.popup.closed) {
          clearInterval(watch);
          this.#findOut(flow);
        }
      }, WATCH_MS);
      flow.stop.signal.addEventListener("abort", () => clearInterval(watch));
    }
    if (!ready) {
      try {
        const session = sessionOf(await (typeof token === "function" ? token({ mode }) : token));
        Object.assign(flow, { token: session.token, vault: vaultAt(baseURL ?? session.baseURL) });
      } catch (error) {
        this.#fail(flow, error?.code ?? "session_failed", error?.detail ?? error?.message ?? "No session could be had.", { error });
        return;
      }
      if (flow.ended) { return; }
    }

    if (mode === "popup") {
      addEventListener("message", (event) => this.#hear(flow, event), { signal: flow.stop.signal });
      if (!ready) { flow.popup.location.replace(this.#addressOf(flow)); }
    } else {
      try {
        sessionStorage.setItem(LEFT, JSON.stringify({ timestamp: Date.now(), returnUrl: location.href }));
      } catch (error) {
        this.#fail(flow, "redirect_error", "The browser keeps nothing for this page, so the way back would be lost.", { error });
        return;
      }
      // Back from Connect by the browser's own button: the page stands as it was left, waiting.
      addEventListener("pageshow", (event) => event.persisted && this.#findOut(flow), { signal: flow.stop.signal });
      location.href = this.#addressOf(flow);
    }
    this.#tell(flow, "connect_opened", { mode });
  }

  close() {
    this.#alive("close");
    if (this.#flow) { this.#stop(this.#flow); }
    this.#emit("close");
  }

  destroy() {
    if (this.#flow) { this.#stop(this.#flow); }
    this.#listeners.clear();
    this.#destroyed = true;
  }

  on(event, listener) {
    this.#alive("on");
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
    queueMicrotask(() => this.#deliverReturned());
    return () => { this.#listeners.get(event)?.delete(listener); };
  }

  off(event, listener) {
    this.#alive("off");
    this.#listeners.get(event)?.delete(listener);
  }

  isOpen() {
    this.#alive("isOpen");
    return this.#flow !== null;
  }

  getVersion() { return VERSION; }

  /** Asks the person for what a refused call needs, and repeats it: see alter-connect.d.ts. */
  static async resolve(response, options = {}) {
    const before = turn;
    const waits = asking++ > 0;
    let leave;
    turn = new Promise((resolve) => { leave = resolve; });
    try {
      await before;
      return await settle(response, options, waits);
    } finally {
      asking--;
      leave();
    }
  }

  #alive(method) {
    if (this.#destroyed) { throw failure("sdk_destroyed", `${method}() was called on a destroyed instance.`); }
  }

  #emit(event, ...values) {
    for (const listener of [...this.#listeners.get(event) ?? []]) { call(listener, ...values); }
  }

  #tell(flow, name, metadata) {
    const event = { timestamp: new Date().toISOString(), ...metadata };
    if (this.#debug) { console.debug("[Alter Connect]", name, event); } // Never the token, nor an address that holds it.
    this.#emit("event", name, event);
    call(flow?.options.onEvent, name, event);
  }

  // The token travels in the fragment, which no server sees or logs.
  #addressOf(flow) { return `${flow.vault.connect}#session=${encodeURIComponent(flow.token)}`; }

  #hear(flow, { origin, source, data }) {
    // Any page may post here, and any window may hold a page of the vault: only ours is believed.
    if (origin !== flow.vault.origin || source !== flow.popup) { return; }
    if (data?.type === "alter_connect_success") {
      const grants = grantsOf(data.grants);
      this.#end(flow, ...grants.length > 0 ? ["success", grants] : ["error", invalidResponse]);
    } else if (data?.type === "alter_connect_error") {
      this.#end(flow, "error", errorOf(data));
    }
  }

  // The popup reads as closed. A person who closed it is back on this page; one who is still busy in a window that was cut off is not.
  async #findOut(flow) {
    const until = Date.now() + AWAY_MS;
    for (let looks = 1; !flow.ended; looks++) {
      const status = flow.token ? await this.#look(flow) : {};
      if (flow.ended) { return; }
      const grants = grantsOf(status.grants);
      // The second look is for a result that was on its way when the window went.
      const back = !flow.token || (looks > 1 && document.hasFocus()) || Date.now() > until;
      if (grants.length > 0 && (back || status.status === "complete")) {
        this.#end(flow, "success", grants);
      } else if (back) {
        this.#end(flow, ...status.error ? ["error", errorOf(status)] : ["exit"]);
      } else {
        await new Promise((resolve) => { setTimeout(resolve, LOOK_MS); });
      }
    }
  }

  // A simple request (the token as text/plain), which needs no preflight. No answer is no result.
  async #look(flow) {
    try {
      const request = { method: "POST", body: flow.token, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(5000) };
      const answer = await fetch(`${flow.vault.connect}/status`, request);
      return answer.ok ? await answer.json() : {};
    } catch {
      return {};
    }
  }

  #fail(flow, code, message, details) { this.#end(flow, "error", { code, message, details }); }

  #stop(flow) {
    flow.ended = true;
    flow.stop.abort();
    flow.popup?.close();
    this.#flow = null;
    if (flow.mode === "redirect") {
      try { sessionStorage.removeItem(LEFT); } catch { /* no storage: nothing to remove */ }
    }
  }

  #end(flow, how, value) {
    if (flow.ended) { return; }
    this.#stop(flow);
    this.#tell(flow, ...eventOf(how, value));
    this.#emit(how, value);
    call(flow.options[{ success: "onSuccess", error: "onError", exit: "onExit" }[how]], value);
    this.#emit("close");
  }

  #deliverReturned() {
    if (!returned || !this.#listeners.get(returned[0])?.size) { return; }
    const [how, value] = returned;
    returned = null;
    this.#tell(null, ...eventOf(how, value));
    this.#emit(how, value);
  }
}

const eventOf = (how, value) => ({
  success: ["completed", { providers: value?.map?.((grant) => grant.provider) }],
  error: ["failed", { code: value?.code }],
  exit: ["exit", {}],
})[how];

// resolve(): one question at a time, however many calls of a page are refused at once.
let turn = Promise.resolve();
let asking = 0;

const TEXT = {
  choose: "Choose an account",
  chooseWhy: "Several accounts are connected. Which one should be used?",
  connect: "Connect an account",
  connectWhy: (provider) => `To go on, connect an account${provider ? ` of ${provider}` : ""}.`,
  reconnect: "Connect again",
  reconnectWhy: (provider) => `The connected account${provider ? ` of ${provider}` : ""} has to be connected again.`,
  cancel: "Cancel",
};

const problemOf = async (response) =>
  !response.ok && /^application\/problem\+json\b/i.test(response.headers.get("Content-Type") ?? "") ? response.clone().json().catch(() => null) : null;

// Without a function that repeats the call it is a GET of the same address, the chosen account in its query.
const fetchAgain = (address) => ({ account, grantId }) => {
  const url = new URL(address);
  if (account) { url.searchParams.set("account", account); }
  if (grantId) { url.searchParams.set("grant_id", grantId); }
  return fetch(url);
};

async function settle(response, { session, retry, baseURL, onEvent, text }, waited) {
  const words = { ...TEXT, ...text };
  let last = await (typeof response === "function" ? response({}) : response);
  const again = retry ?? (typeof response === "function" ? response : fetchAgain(last.url));
  // Whoever waited for another question may find it answered.
  if (waited && ["connect", "choose_account"].includes((await problemOf(last))?.action)) { last = await again({}); }
  for (let questions = 0; questions < 4; questions++) {
    const problem = await problemOf(last);
    const choice = problem?.action === "choose_account" ? await choose(problem, words)
      : problem?.action === "connect" && session ? await connect(problem, { session, baseURL, onEvent }, words)
      : null;
    if (!choice) { return last; }
    last = await again(choice);
  }
  return last;
}

function choose({ grants, account_identifiers }, words) {
  const accounts = grants?.length > 0 ? grants : (account_identifiers ?? []).map((account_identifier) => ({ account_identifier }));
  return ask(words.choose, words.chooseWhy, words.cancel, accounts.map(({ account_identifier, account_display_name, grant_id }) => ({
    label: account_identifier,
    note: account_display_name === account_identifier ? "" : account_display_name,
    act: () => ({ account: account_identifier, grantId: grant_id }),
  })));
}

async function connect(problem, { session, baseURL, onEvent }, words) {
  const open = () => new Promise((resolve, reject) => {
    AlterConnect.create({ baseURL }).open({
      token: typeof session === "function" ? ({ mode }) => session({ mode, provider: problem.provider, problem }) : session,
      onSuccess: (grants) => resolve({ account: grants.accountIdentifier, grantId: grants[0].grant_id, grants }),
      onExit: () => resolve(null),
      onError: (error) => reject(failure(error.code, error.message, error.details)),
      onEvent,
    }).catch(reject);
  });
  if (navigator.userActivation?.isActive) {
    try {
      return await open();
    } catch (error) {
      if (error.code !== "popup_blocked") { throw error; }
    }
  }
  // The click is too long ago to open a window: a dialog asks for another one.
  const [title, why] = problem.code === "grant_not_found" ? [words.connect, words.connectWhy] : [words.reconnect, words.reconnectWhy];
  return ask(title, why(problem.provider_name ?? problem.provider), words.cancel, [{ label: title, act: open, primary: true }]);
}

const STYLE = `
  :host { all: initial; }
  dialog { color-scheme: light dark; box-sizing: border-box; width: min(26rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem); padding: 1.5rem; overflow: auto;
    border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: .75rem; background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif; }
  dialog::backdrop { background: rgb(0 0 0 / .5); }
  h2 { margin: 0; font-size: 1.25rem; }
  p { margin: .5rem 0 1rem; }
  ul { list-style: none; margin: 0 0 1rem; padding: 0; display: grid; gap: .5rem; }
  button { box-sizing: border-box; min-height: 2.75rem; padding: .5rem 1rem; border: 1px solid color-mix(in srgb, CanvasText 45%, Canvas); border-radius: .5rem;
    background: Canvas; color: CanvasText; font: inherit; text-align: start; overflow-wrap: anywhere; cursor: pointer; }
  li button { width: 100%; }
  button.primary { background: CanvasText; color: Canvas; text-align: center; }
  button:hover { border-color: CanvasText; }
  button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
  small { display: block; opacity: .75; }`;

// A dialog of our own in a shadow root. A sheet made by script, not a style element: the page's Content-Security-Policy needs no exception for it.
function ask(title, why, cancel, choices) {
  const element = (name, properties, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  return new Promise((resolve) => {
    const host = element("alter-connect-dialog", {});
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];

    let answer = null;
    const buttons = choices.map(({ label, note, act, primary }) => element("button", {
      type: "button",
      className: primary ? "primary" : "",
      onclick: () => {
        answer = act(); // Inside the click: it may open a window.
        dialog.close();
      },
    }, label, ...note ? [element("small", {}, note)] : []));
    const dialog = element("dialog", { onclose: () => { host.remove(); resolve(answer); } },
      element("h2", { id: "title" }, title),
      element("p", { id: "why" }, why),
      element("ul", {}, ...buttons.map((button) => element("li", {}, button))),
      element("button", { type: "button", onclick: () => dialog.close() }, cancel));
    dialog.setAttribute("aria-labelledby", "title");
    dialog.setAttribute("aria-describedby", "why");
    root.append(dialog);
    document.body.append(host);
    dialog.showModal();
    buttons[0]?.focus();
  });
}

export { AlterConnect as default, AlterConnect };
