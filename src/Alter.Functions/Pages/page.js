// The page's parts, without any knowledge of the flow.
import texts from "./texts.js";

const INERT_MS = 500; // A click meant for a window that was here a moment ago must not hit ours.

export { texts };

export const element = (id) => document.getElementById(id);

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// make("li", "row", child, "text"): text is only ever text.
export const make = (name, className, ...children) => {
  const made = document.createElement(name);
  if (className) { made.className = className; }
  made.append(...children);
  return made;
};

// An image that is decoration: its name stands beside it.
export const logo = (source) => {
  const image = make("img", "logo");
  image.alt = "";
  image.src = source;
  return image;
};

// Shows a state. The heading takes the focus, so that whoever cannot see the page hears of it.
export const show = (title, message, kind) => {
  element("title").textContent = title;
  document.title = title;
  element("message").textContent = message;
  element("message").hidden = !message;
  element("sign").dataset.kind = kind ?? "";
  element("status").textContent = "";
  element("title").focus({ preventScroll: true });
  scrollTo(0, 0);
};

// Said without moving the focus.
export const say = (text) => { element("status").textContent = text; };

// Buttons stay inert for a moment after they appear and after the page comes to the front.
let inertUntil = 0;
export const becomeInert = () => { inertUntil = performance.now() + INERT_MS; };
becomeInert();
addEventListener("focus", becomeInert);
document.addEventListener("visibilitychange", becomeInert);
export const onClick = (button, action) => button.addEventListener("click", () => {
  if (performance.now() >= inertUntil) { action(); }
});

// The app's colours come checked from the vault; set here, as the page allows no inline style.
export const brand = (branding) => {
  for (const scheme of ["light", "dark"]) {
    for (const [name, color] of Object.entries(branding?.[scheme] ?? {})) {
      document.documentElement.style.setProperty(`--${scheme}-${name.replaceAll("_", "-")}`, color);
    }
  }
};

const initialsOf = (name) => name.split(" ").map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();

// Who asks, and where the account is: two marks joined by a line.
export const marks = (app, appLogo, provider) => {
  const initials = make("span", "logo initials", initialsOf(app.name));
  initials.setAttribute("aria-hidden", "true");
  const own = appLogo ? logo(appLogo) : initials;
  own.addEventListener("error", () => own.replaceWith(initials));
  element("marks").replaceChildren(own, ...(provider ? [make("span", "joint"), logo(provider.logo)] : []));
  element("marks").hidden = false;
};

// What the people who run the app need to know; never a secret.
export const facts = (pairs) => {
  const known = pairs.filter(([, value]) => value);
  element("facts").replaceChildren(...known.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", make("code", "", value))]));
  element("developers").hidden = known.length === 0;
};
