// The Wallet. Who is signed in lies in a cookie that no script sees; this page asks the vault for everything it shows.
const came = new URLSearchParams(location.search);
if (location.search) { history.replaceState(null, "", location.pathname + location.hash); }

const load = () => Promise.all([import("./page.js"), import("./requests.js"), import("./connections.js"), import("./asking.js"), import("./activity.js")]);
const [page, { send }, connections, asking, activity] = await load().catch((fault) => {
  document.getElementById("incomplete").hidden = false;
  throw fault;
});
const { element, fill, make, onClick, say, show, texts } = page;

const PATIENCE_MS = 60_000;

let user = null;
let signedOut = false; // Somebody who signed out is asked again, even where their OpenID provider still knows them.
let listed = [];
let apps = [];

const get = (path) => send(`/wallet/${path}`, null, PATIENCE_MS);
const post = (path, body) => send(`/wallet/${path}`, body, PATIENCE_MS);
const change = (path, body) => post(path, { csrf_token: user.csrf_token, ...body });

const clear = () => {
  for (const id of ["bar", "notice", "views", "connections", "activity", "retry", "developers"]) { element(id).hidden = true; }
  element("places").replaceChildren();
};

const notice = (text) => {
  element("notice").textContent = text;
  element("notice").hidden = !text;
};

const fail = (problem) => {
  if (problem.code === "wallet_session_expired") {
    open(texts.wallet.ended);
    return;
  }
  clear();
  const words = texts.wallet_errors[problem.code] ?? texts.wallet_errors.other;
  show(words.title, words.message, "bad");
  element("retry").hidden = false;
  if (problem.code !== "offline") { page.facts([[texts.developers.error, problem.code], [texts.developers.detail, problem.detail], [texts.developers.request, problem.request_id]]); }
};

// Where somebody can sign in.
const signIn = async (place, pressed) => {
  for (const button of document.querySelectorAll("button")) { button.disabled = true; }
  pressed.classList.add("busy");
  pressed.replaceChildren(make("span", "", texts.wallet.opening));
  say(texts.wallet.opening);
  try {
    const answer = await post("signin", { identity_provider: place.identity_provider, issuer: place.issuer, ...(signedOut ? { fresh_sign_in: true } : {}) });
    location.assign(answer.authorization_url);
  } catch (problem) {
    for (const button of document.querySelectorAll("button")) { button.disabled = false; }
    fail(problem);
  }
};

const namesOf = (place) => new Intl.ListFormat(document.documentElement.lang).format(place.apps.map((app) => app.name));

// Two tenants of one identity provider have the same apps: their issuers tell them apart.
const placeButton = (place, className, label, needsIssuer) => {
  const button = make("button", className, make("span", "", label));
  button.type = "button";
  button.dataset.place = place.identity_provider;
  if (needsIssuer) { button.append(make("code", "", new URL(place.issuer).host + new URL(place.issuer).pathname)); }
  onClick(button, () => signIn(place, button));
  return button;
};

const offer = (places, message) => {
  clear();
  page.becomeInert();
  if (places.length === 0) {
    show(texts.wallet.closed_title, texts.wallet.closed_message, "bad");
    return;
  }
  show(texts.wallet.title, message ?? texts.wallet.sign_in_first);
  if (places.length === 1) {
    element("places").replaceChildren(placeButton(places[0], "primary", fill(texts.wallet.sign_in_at, { apps: namesOf(places[0]) })));
    return;
  }
  element("places").replaceChildren(make("p", "", texts.wallet.choose), make("ul", "places", ...places.map((place) => {
    const alike = places.filter((other) => other.identity_provider === place.identity_provider).length > 1;
    return make("li", "", placeButton(place, "", namesOf(place), alike));
  })));
};

// What somebody who is signed in sees.
const welcome = () => {
  clear();
  page.becomeInert();
  show(texts.wallet.title, "");
  element("user-name").textContent = user.name;
  element("user-initial").textContent = [...user.name][0]?.toUpperCase() ?? "";
  element("bar").hidden = false;
  element("views").hidden = false;
  turn();
};

const turn = () => {
  if (!user) { return; }
  const isActivity = location.hash === "#activity";
  for (const [id, isShown] of [["connections", !isActivity], ["activity", isActivity]]) {
    element(id).hidden = !isShown;
    if (isShown) { element(`to-${id}`).setAttribute("aria-current", "page"); } else { element(`to-${id}`).removeAttribute("aria-current"); }
  }
  document.title = isActivity ? texts.wallet.activity : texts.wallet.title;
  if (isActivity) { activity.open(get, apps, listed, fail); }
};

const list = async (message) => {
  ({ connections: listed, apps } = await get("connections"));
  connections.show(listed, { revoke, reconnect, extend });
  welcome();
  notice(message ?? "");
  if (message) { say(message); }
};

const revoke = (connection) => asking.ask({
  title: fill(texts.revoke.title, { provider: connection.provider.name }),
  message: fill(texts.revoke.message, { app: connection.app.name, account: connection.account_identifier }),
  yes: texts.revoke.yes,
  busy: texts.revoke.busy,
  act: () => change("revoke", { app: connection.app.id, grant_id: connection.grant_id }),
  done: () => list(fill(texts.revoke.done, { app: connection.app.name, account: connection.account_identifier })),
}, fail);

const extend = (connection) => asking.ask({
  title: fill(texts.extend.title, { provider: connection.provider.name }),
  message: connection.max_expires_at
    ? fill(texts.extend.message, { app: connection.app.name, max: connections.dateOf(connection.max_expires_at) })
    : fill(texts.extend.message_unlimited, { app: connection.app.name }),
  from: connection.expires_at,
  to: connection.max_expires_at,
  yes: texts.extend.yes,
  busy: texts.extend.busy,
  act: (until) => change("extend", { app: connection.app.id, grant_id: connection.grant_id, expires_at: until }),
  done: (answer) => list(fill(texts.extend.done, { account: connection.account_identifier, until: connections.dateOf(answer.expires_at) })),
}, fail);

const reconnect = async (connection, pressed) => {
  pressed.disabled = true;
  pressed.classList.add("busy");
  try {
    location.assign((await change("reconnect", { app: connection.app.id, grant_id: connection.grant_id })).connect_url);
  } catch (problem) {
    fail(problem);
  }
};

// The vault leads back here from Connect. The query is a hint; the list is what counts.
const cameBack = () => {
  if (!came.has("alter_connect_success") && !came.has("alter_connect_error")) { return ""; }
  const connection = listed.find((other) => other.grant_id === came.get("grant_id"));
  came.delete("alter_connect_success");
  came.delete("alter_connect_error");
  return connection && !connection.can_reconnect
    ? fill(texts.wallet.reconnected, { app: connection.app.name, account: connection.account_identifier })
    : texts.wallet.not_reconnected;
};

const open = async (message) => {
  user = null;
  clear();
  show(texts.wallet.title, texts.page.loading, "wait");
  try {
    const session = await get("session");
    if (!session.user) {
      offer(session.places, message);
      return;
    }
    user = session.user;
    await list();
    const back = cameBack();
    if (back) {
      notice(back);
      say(back);
    }
  } catch (problem) {
    fail(problem);
  }
};

onClick(element("retry"), () => open());
onClick(element("sign-out"), async () => {
  try {
    await change("signout", {});
    signedOut = true;
    await open(texts.wallet.signed_out);
  } catch (problem) {
    fail(problem);
  }
});
addEventListener("hashchange", turn);
await open();
