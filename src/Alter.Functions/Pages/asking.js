// One question at a time, in a dialog that keeps the focus. The browser's own, so Escape and the keyboard work as people know them.
import { becomeInert, element, make, onClick, say, texts } from "./page.js";

const DAY_MS = 86_400_000;

let question = null;
let failed = null;

const isoDay = (instant) => new Date(instant).toISOString().slice(0, 10);

// The end of the day that was chosen, by universal time, at most the furthest end.
const chosen = () => {
  const [year, month, day] = element("ask-date").value.split("-").map(Number);
  const end = new Date(Date.UTC(year, month - 1, day + 1) - 1000);
  return question.to && end > new Date(question.to) ? question.to : end.toISOString();
};

const close = () => {
  element("ask").close();
  question = null;
};

export const ask = (asked, fail) => {
  question = asked;
  failed = fail;
  element("ask-title").textContent = asked.title;
  element("ask-message").textContent = asked.message;
  element("ask-yes").replaceChildren(make("span", "", asked.yes));
  element("ask-yes").classList.remove("busy");
  element("ask-yes").disabled = false;
  element("ask-no").disabled = false;
  element("ask-error").hidden = true;
  element("ask-date-label").hidden = !asked.from;
  if (asked.from) {
    const date = element("ask-date");
    date.min = isoDay(new Date(asked.from).getTime());
    date.max = asked.to ? isoDay(asked.to) : "";
    date.value = asked.to ? isoDay(asked.to) : isoDay(new Date(asked.from).getTime() + 90 * DAY_MS);
  }
  element("ask").showModal();
  becomeInert();
};

onClick(element("ask-no"), close);

onClick(element("ask-yes"), async () => {
  if (question.from && !element("ask-date").reportValidity()) { return; }
  const until = question.from ? chosen() : null;
  element("ask-yes").classList.add("busy");
  element("ask-yes").replaceChildren(make("span", "", question.busy));
  element("ask-yes").disabled = true;
  element("ask-no").disabled = true;
  say(question.busy);
  try {
    const { act, done } = question;
    const answer = await act(until);
    close();
    await done(answer);
  } catch (problem) {
    // A session that is over, and what nobody can put right here, is the page's to say.
    if (problem.code === "invalid_request" && question?.from) {
      element("ask-error").textContent = texts.extend.not_possible;
      element("ask-error").hidden = false;
      element("ask-yes").classList.remove("busy");
      element("ask-yes").replaceChildren(make("span", "", question.yes));
      element("ask-yes").disabled = false;
      element("ask-no").disabled = false;
      return;
    }
    if (question) { close(); }
    failed(problem);
  }
});
