import { ask } from './backend.js';
import { $, element, names } from './page.js';

const patience = 90_000;
const calendarApps = `${document.body.dataset.calendar}/apps`;

// The guide's troubleshooting table. "needs" is what has to be there first; "prepare" makes the world so; "waits" says for what the call is repeated.
const troubles = [
  { code: 'grant_not_found', name: 'GrantNotFound', why: 'The user has not connected this account yet.', label: 'Call for a stranger’s account' },
  { code: 'ambiguous_grant', name: 'AmbiguousGrant', why: 'The user has connected the provider more than once, and the call does not say which.', label: 'Call without naming the account', needs: 2 },
  { code: 'grant_revoked', name: 'GrantRevoked', why: 'The user disconnected the account in the app.', label: 'Disconnect, then call', needs: 1 },
  {
    code: 'credential_revoked', name: 'CredentialRevoked', why: 'The user removed the app at the provider, and the vault learns of it at the next call.',
    label: 'Call the calendar', needs: 1, waits: 'The calendar refuses the token; the vault tries to renew it …', link: ['Remove the shop at the calendar', calendarApps],
  },
  {
    code: 'scope_reauth_required', name: 'ScopeReauthRequired', why: 'The app requires a scope that the user has not allowed, or that it began to require after the user had connected.',
    label: 'Connect, and untick “Add events”', prepare: connect => connect('tasks'),
  },
  {
    code: 'grant_expired', name: 'GrantExpired', why: 'The session gave the grant a lifetime, and it is over.',
    label: 'Connect for 20 seconds, then call', prepare: connect => connect('calendar', { seconds: 20 }), waits: 'Connected. Its 20 seconds are not over yet …',
  },
  { code: 'policy_violation', name: 'PolicyViolation', why: 'A policy of the vault’s operator forbids the call: here, removing events.', label: 'Remove an event', needs: 1 },
  { code: 'url_not_allowed', name: 'AlterValue', why: 'The call goes to a host that is not the provider’s (url_not_allowed).', label: 'Call elsewhere.example', needs: 1 },
  { code: 'invalid_user_token', name: 'InvalidUserToken', why: 'The user’s token is missing, expired or not genuine.', label: 'Call with a forged token' },
];

let tools;

export function showTroubles(given) {
  tools = given;
  $('troubles').replaceChildren(...troubles.map(row));
}

function row(trouble) {
  const outcome = element('div', { className: 'outcome' });
  outcome.setAttribute('aria-live', 'polite');
  outcome.dataset.testid = `outcome-${trouble.code}`;
  const button = element('button', { className: 'quiet', textContent: trouble.label, onclick: () => tools.run(button, () => provoke(trouble, outcome)) });
  button.dataset.testid = `provoke-${trouble.code}`;
  const actions = element('div', { className: 'actions' }, button);
  if (trouble.link) {
    const [textContent, href] = trouble.link;
    actions.prepend(element('a', { textContent, href, target: '_blank', rel: 'noopener' }));
  }
  return element('li', {}, element('h3', { textContent: trouble.name }), element('p', { className: 'soft', textContent: trouble.why }), actions, outcome);
}

// Nothing is awaited before a "prepare": it opens a window, and browsers allow that inside the click alone.
async function provoke(trouble, outcome) {
  const prepared = trouble.prepare && await trouble.prepare(tools.connect);
  if (trouble.prepare && !prepared) return outcome.replaceChildren();
  // Its own status counts too: the vault renews tokens ahead of their end, and may have learned it before this call.
  const connected = (await tools.showConnections()).filter(grant => grant.provider === 'calendar' && ['active', trouble.code].includes(grant.status));
  if (connected.length < (trouble.needs ?? 0)) {
    const first = connected.length ? 'Connect a second account of the calendar first.' : 'Connect the calendar first.';
    return outcome.replaceChildren(element('p', { textContent: first }), connectButton('calendar', outcome));
  }

  const grant_id = prepared?.[0].grant_id ?? connected[0]?.grant_id;
  const call = () => ask('POST', `/api/troubles/${trouble.code}`, { grant_id }).catch(problem => {
    if (trouble.waits && problem.code === 'provider_answered') return { remedy: 'none' };
    throw problem;
  });
  let result = await call();
  for (const until = Date.now() + patience; trouble.waits && result.remedy === 'none' && Date.now() < until; result = await call()) {
    outcome.replaceChildren(element('p', { className: 'soft', textContent: trouble.waits }));
    await new Promise(passed => setTimeout(passed, 2000));
  }
  await tools.showConnections();
  outcome.replaceChildren(...result.remedy === 'none' ? [element('p', { textContent: 'The call went through: nothing was wrong with it.' })] : report(result, outcome));
}

function report({ exception, code, action, message, members, line, ...handled }, outcome) {
  const facts = element('dl', {});
  for (const [name, value] of Object.entries({ Exception: exception, Code: code, Action: action, Message: message, Members: members })) {
    if (value) facts.append(element('dt', { textContent: name }), element('dd', { textContent: value }));
  }
  const source = element('pre', { tabIndex: 0 }, element('code', { textContent: line }));
  source.setAttribute('aria-label', 'The line that handled it');
  const remedy = {
    connect: () => connectButton(handled.provider ?? 'calendar', outcome),
    choose: () => element('div', { className: 'actions' }, ...handled.accounts.map(account => repeatButton(account, outcome))),
    sign_in: () => element('a', { className: 'button', href: '/signin', textContent: 'Sign in again' }),
    reason: () => element('p', { className: 'soft' }, 'The user is told why. What was tried, and that it was denied, is in their ',
      element('a', { textContent: 'Wallet', href: document.querySelector('[data-testid="wallet"]').href }), ' under Activity.'),
    developer: () => element('p', { className: 'soft', textContent: 'Nothing the user could do: this one is for the developer’s log.' }),
  }[handled.remedy]();
  remedy.dataset.testid = 'remedy';
  return [facts, source, remedy];
}

function connectButton(provider, outcome) {
  const button = element('button', {
    textContent: `Connect ${names[provider]}`,
    onclick: () => tools.run(button, async () => {
      const grants = await tools.connect(provider);
      if (grants) await repeat(provider, grants.accountIdentifier, outcome);
    }),
  });
  return button;
}

function repeatButton(account, outcome) {
  const button = element('button', { className: 'quiet', textContent: account, onclick: () => tools.run(button, () => repeat('calendar', account, outcome)) });
  return button;
}

async function repeat(provider, account, outcome) {
  const { events } = await ask('GET', `/api/events?${new URLSearchParams({ provider, account })}`);
  outcome.replaceChildren(element('p', { className: 'good', textContent: `The call goes through: ${events.length} events of ${account}.` }));
}
