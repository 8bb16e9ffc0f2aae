// The Connect page. The session token arrives in the fragment, is taken out of the address at once and lives in this closure alone.
(() => {
  "use strict";

  const INERT_MS = 500; // A click meant for a window that was here a moment ago must not hit ours.
  const CLOSE_MS = 2000; // The opener closes this window; a close seen before the message would lose the result.

  const element = (id) => document.getElementById(id);
  const fragment = new URLSearchParams(location.hash.slice(1));
  const token = fragment.get("session");
  history.replaceState(null, "", location.origin + location.pathname); // A pathname alone that begins with // would name another host.

  let view = null;
  let told = false;

  const show = (title, message) => {
    element("title").textContent = title;
    document.title = title;
    element("message").textContent = message;
  };

  // Buttons stay inert for a moment after they appear and after the page comes to the front.
  let inertUntil = 0;
  const becomeInert = () => { inertUntil = performance.now() + INERT_MS; };
  becomeInert();
  addEventListener("focus", becomeInert);
  document.addEventListener("visibilitychange", becomeInert);
  const onClick = (button, action) => button.addEventListener("click", () => {
    if (performance.now() >= inertUntil) { action(); }
  });

  const post = async (path, body) => {
    let response;
    try {
      response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), cache: "no-store" });
    } catch {
      throw { code: "offline", detail: "The vault cannot be reached. Check the connection and try again." };
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) { throw answer; }
    return answer;
  };

  const mode = () => view && view.mode
    || (window.opener && (window.name === "alter_oauth_popup" || !view.return_to) ? "popup" : view.return_to ? "redirect" : "popup");

  // Tells the opener once: all grants of the session, or why there are none.
  const tell = () => {
    if (told || !view || !view.allowed_origin || !window.opener || mode() !== "popup") { return; }
    told = true;
    const message = view.grants.length > 0
      ? { type: "alter_connect_success", grants: view.grants }
      : { type: "alter_connect_error", error: view.error || "access_denied", error_description: view.error_description || "The account was not connected.", code: view.code || "access_denied" };
    window.opener.postMessage(message, view.allowed_origin);
  };

  const leave = () => {
    if (mode() === "redirect" && view.return_to) {
      location.replace(view.return_to);
      return;
    }
    tell();
    clearChoices();
    const connected = view.grants.length > 0;
    show(connected ? "Connected" : "Not connected", connected ? "You can close this window." : "Nothing was connected. You can close this window.");
    if (window.opener) { setTimeout(() => window.close(), CLOSE_MS); }
  };

  const clearChoices = () => {
    element("providers").replaceChildren();
    for (const id of ["user", "not-you-help", "done", "cancel"]) { element(id).hidden = true; }
  };

  const connect = async (provider, button) => {
    for (const other of document.querySelectorAll("button")) { other.disabled = true; }
    button.textContent = `Opening ${provider.name}…`;
    try {
      const answer = await post("/sdk/oauth/connect/authorize", { session_token: token, provider: provider.id, mode: mode() });
      told = true; // The page goes away now, but nothing has ended.
      location.assign(answer.authorization_url);
    } catch (problem) {
      fail(problem);
    }
  };

  const fail = (problem) => {
    const titles = {
      connect_session_expired: "This link has expired",
      connect_session_used: "This link was already used",
      offline: "No connection",
      connect_config: "The app is not set up correctly",
    };
    show(titles[problem.code] || "Something went wrong", problem.detail || "The vault could not answer. Start again in the app.");
    if (view) {
      const sessionEnded = problem.code === "connect_session_expired" || problem.code === "connect_session_used";
      view.code = problem.code;
      view.error = problem.code === "connect_session_expired" ? "session_expired" : problem.code; // The name the known widget gives it.
      view.error_description = problem.detail;
      choices(sessionEnded ? [] : view.providers);
    } else if (problem.code === "offline") {
      const retry = element("done");
      retry.hidden = false;
      retry.textContent = "Try again";
    }
  };

  const choices = (providers = view.providers) => {
    becomeInert();
    const list = element("providers");
    list.replaceChildren(...providers.map((provider) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "primary";
      button.dataset.provider = provider.id;
      button.textContent = provider.connected ? `${provider.name} is connected` : `Connect ${provider.name}`;
      button.disabled = provider.connected;
      onClick(button, () => connect(provider, button));
      const scopes = document.createElement("small");
      scopes.textContent = provider.scopes.length > 0 ? `Asks for: ${provider.scopes.join(", ")}` : "";
      item.append(button, scopes);
      return item;
    }));
    element("user-name").textContent = view.user;
    element("user").hidden = providers.length === 0;
    element("not-you").disabled = false;
    const done = element("done");
    done.textContent = "Done";
    done.disabled = false;
    done.hidden = view.grants.length === 0;
    const cancel = element("cancel");
    cancel.disabled = false;
    cancel.textContent = view.error ? `Back to ${view.app.name}` : "Cancel";
    cancel.hidden = view.grants.length > 0;
  };

  const open = async () => {
    if (!token) {
      show("This link cannot be used", "Start again in the app.");
      return;
    }
    let referrer = "";
    try { referrer = document.referrer ? new URL(document.referrer).origin : ""; } catch { /* not a URL: nothing to compare */ }
    try {
      view = await post("/sdk/oauth/connect/open", { session_token: token, referrer_origin: referrer });
    } catch (problem) {
      fail(problem);
      return;
    }
    if (view.status === "complete") {
      leave();
    } else if (view.status === "error") {
      show(view.error === "access_denied" ? "Access was denied" : "The account was not connected", view.error_description || "Nothing was connected.");
      choices();
    } else {
      show(`${view.app.name} wants to connect an account`, view.grants.length > 0
        ? "Connected. You can connect another one or finish here."
        : `${view.app.name} will be able to use the account on behalf of the person named here. Its password and keys stay out of reach of the app.`);
      choices();
    }
  };

  onClick(element("done"), () => { if (view) { leave(); } else { element("done").hidden = true; open(); } });
  onClick(element("cancel"), leave);
  onClick(element("not-you"), () => { element("not-you-help").hidden = false; });

  // A window closed by hand still tells what it has.
  addEventListener("pagehide", () => { if (view && (view.grants.length > 0 || view.error)) { tell(); } });

  // Another session for a window that shows this page already: only the fragment changes, so nothing would load by itself.
  addEventListener("hashchange", () => { if (location.hash) { location.reload(); } });

  // Back from the provider to a page the browser had kept as it was.
  addEventListener("pageshow", (event) => { if (event.persisted && view) { told = false; choices(); } });

  open();
})();
