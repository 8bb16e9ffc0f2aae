import { answerOf, ask, send } from './backend.js';
import { $, element, names } from './page.js';
import { showTroubles } from './troubles.js';

// The widget, loaded from the vault: all that connecting takes. It also brings back the result of a redirect.
const alterConnect = AlterConnect.create();
const session = (provider, more) => ({ mode }) => ask('POST', '/api/connect-session', { provider, mode, ...more });

start().catch(showError);

async function start() {
  const me = await ask('GET', '/api/me');
  $('welcome').hidden = me.signed_in;
  $('user').hidden = $('signed-in').hidden = !me.signed_in;
  if (!me.signed_in) return;

  $('user-name').textContent = me.name;
  $('user-email').textContent = me.email;
  for (const button of document.querySelectorAll('[data-connect]')) button.onclick = () => run(button, () => connect(button.dataset.connect));
  for (const link of document.querySelectorAll('[data-connect-redirect]')) {
    link.onclick = event => { event.preventDefault(); run(link, () => connect(link.dataset.connectRedirect, { mode: 'redirect' })); };
  }
  for (const button of document.querySelectorAll('[data-events]')) button.onclick = () => run(button, () => showEvents(button.dataset.events));
  showTroubles({ connect, run, showConnections, session });

  await showConnections();
  alterConnect.on('error', showError);
  alterConnect.on('exit', () => notice('The window was closed before anything was connected.'));
  alterConnect.on('success', async ([{ grant_id }]) => {
    // What comes back by redirect stands in the address, which anybody can write: only what the vault lists is connected.
    const grant = (await showConnections()).find(g => g.grant_id === grant_id);
    if (grant) notice(`${grant.provider_name} is connected: ${grant.account}`);
  });
}

/** Opens Connect, inside the click: nothing is awaited before. Resolves with the grants, or with null where there are none. */
function connect(provider, { mode, ...more } = {}) {
  return new Promise((resolve, reject) => {
    const nothing = () => resolve(null);
    alterConnect.open({ token: session(provider, more), mode, onSuccess: resolve, onExit: nothing, onError: nothing }).catch(reject);
  });
}

// Whatever the vault refuses is put to the person, and the call is repeated: Connect, a choice among accounts, or nothing.
async function showEvents(provider) {
  $('events').replaceChildren();
  $('events-account').hidden = true;
  const events = ({ account }) => send('GET', `/api/events?${new URLSearchParams(account ? { provider, account } : { provider })}`);
  try {
    const calendar = await answerOf(await AlterConnect.resolve(events, { session: need => session(need.provider)(need) }));
    $('events-account').textContent = `${names[provider]}, ${calendar.account}`;
    $('events-account').hidden = false;
    $('events').replaceChildren(...calendar.events.map(eventRow));
  } catch (problem) {
    throw Object.assign(problem, { again: () => showEvents(provider) });
  } finally {
    await showConnections().catch(() => {}); // Where the list cannot be had either, the first error is the one to show.
  }
}

async function showConnections() {
  const grants = await ask('GET', '/api/connections');
  $('connections').replaceChildren(...grants.map(connectionRow));
  $('no-connections').hidden = grants.length > 0;
  return grants;
}

function connectionRow(grant) {
  const account = element('strong', { textContent: grant.account });
  if (grant.status !== 'active') account.append(element('span', { className: 'badge', textContent: grant.status.replaceAll('_', ' ') }));
  const disconnect = element('button', { className: 'quiet', textContent: 'Disconnect' });
  disconnect.setAttribute('aria-label', `Disconnect ${grant.account}`);
  disconnect.onclick = () => run(disconnect, async () => {
    await ask('DELETE', `/api/connections/${grant.grant_id}`);
    await showConnections();
    notice(`${grant.account} is disconnected.`);
  });
  disconnect.dataset.testid = 'disconnect';
  const row = element('li', {}, element('div', {}, account, element('small', { textContent: grant.provider_name })), disconnect);
  Object.assign(row.dataset, { testid: 'connection', grantId: grant.grant_id, provider: grant.provider, status: grant.status });
  return row;
}

function eventRow(event) {
  const at = new Date(event.starts_at);
  const time = element('time', { dateTime: event.starts_at, textContent: at.toLocaleString([], { weekday: 'short', hour: '2-digit', minute: '2-digit' }) });
  const row = element('li', {}, time, element('div', { textContent: event.title }));
  row.dataset.testid = 'event';
  return row;
}

// One task at a time per button; whatever it throws is shown with what can be done about it.
async function run(control, task) {
  $('error').hidden = $('notice').hidden = true;
  control.disabled = true;
  try { await task(); } catch (problem) { showError(problem); } finally { control.disabled = false; }
}

function showError(problem) {
  const action = {
    retry: problem.again && ['Try again', () => run($('error-action'), problem.again)],
    sign_in: ['Sign in again', () => { location.href = '/signin'; }],
  }[problem.status === 401 ? 'sign_in' : problem.action];
  $('error-detail').textContent = problem.title ?? problem.message ?? 'Something went wrong.';
  $('error-code').textContent = problem.code ?? 'page_error';
  $('error-action').hidden = !action;
  if (action) [$('error-action').textContent, $('error-action').onclick] = action;
  $('error').hidden = false;
}

function notice(text) {
  $('notice').textContent = text;
  $('notice').hidden = false;
}
