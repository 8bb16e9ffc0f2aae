import { connectByPopup, connectByRedirect, redirectResult } from './connect.js';
import { ask } from './backend.js';

const $ = id => document.querySelector(`[data-testid="${id}"]`);
const names = { calendar: 'Acme Calendar', tasks: 'Acme Tasks' };
let vaultOrigin;

start().catch(showError);

async function start() {
  const result = redirectResult();
  const me = await ask('GET', '/api/me');
  vaultOrigin = me.vault_origin;
  $('welcome').hidden = me.signed_in;
  $('user').hidden = $('signed-in').hidden = !me.signed_in;
  if (!me.signed_in) return;

  $('user-name').textContent = me.name;
  $('user-email').textContent = me.email;
  for (const button of document.querySelectorAll('[data-connect]')) button.onclick = () => connect(button.dataset.connect);
  for (const link of document.querySelectorAll('[data-connect-redirect]')) {
    link.onclick = event => { event.preventDefault(); run(link, () => connectByRedirect(vaultOrigin, link.dataset.connectRedirect)); };
  }
  for (const button of document.querySelectorAll('[data-events]')) button.onclick = () => run(button, () => showEvents(button.dataset.events));

  const grants = await showConnections();
  if (result?.error) showError(result.error);
  if (result?.grantId) {
    // The address bar is a hint, anybody can write one: only what the vault lists is connected.
    const grant = grants.find(g => g.grant_id === result.grantId);
    if (grant) notice(`${grant.provider_name} is connected: ${grant.account_identifier}`);
    else showError({ code: 'not_connected', detail: 'This address says an account was connected, but the vault knows of none.' });
  }
}

// No await before connectByPopup: browsers open windows only inside the click itself.
function connect(provider) {
  run(document.querySelector(`[data-connect="${provider}"]`), async () => {
    const grants = await connectByPopup(vaultOrigin, provider).finally(showConnections);
    if (grants) notice(`${grants[0].provider_name} is connected: ${grants[0].account_identifier}`);
    else notice('The window was closed before anything was connected.');
  });
}

async function showEvents(provider, account) {
  $('events').replaceChildren();
  $('events-account').hidden = $('account-picker').hidden = true;
  const query = new URLSearchParams(account ? { provider, account } : { provider });
  try {
    const calendar = await ask('GET', `/api/events?${query}`);
    $('events-account').textContent = `${names[provider]}, ${calendar.account}`;
    $('events-account').hidden = false;
    $('events').replaceChildren(...calendar.events.map(eventRow));
  } catch (problem) {
    if (problem.code === 'ambiguous_grant') pickAccount(provider, problem.account_identifiers);
    else throw Object.assign(problem, { provider, again: () => showEvents(provider, account) });
  }
}

function pickAccount(provider, accounts) {
  $('account-choices').replaceChildren(...accounts.map(account => {
    const button = element('button', { className: 'quiet', textContent: account, onclick: () => run(button, () => showEvents(provider, account)) });
    button.dataset.testid = 'account-choice';
    return button;
  }));
  $('account-picker').hidden = false;
}

async function showConnections() {
  const { grants } = await ask('GET', '/api/connections');
  $('connections').replaceChildren(...grants.map(connectionRow));
  $('no-connections').hidden = grants.length > 0;
  return grants;
}

function connectionRow(grant) {
  const account = element('strong', { textContent: grant.account_identifier });
  if (grant.status !== 'active') account.append(element('span', { className: 'badge', textContent: grant.status.replaceAll('_', ' ') }));
  const disconnect = element('button', { className: 'quiet', textContent: 'Disconnect' });
  disconnect.setAttribute('aria-label', `Disconnect ${grant.account_identifier}`);
  disconnect.onclick = () => run(disconnect, async () => {
    await ask('DELETE', `/api/connections/${grant.grant_id}`);
    await showConnections();
    notice(`${grant.account_identifier} is disconnected.`);
  });
  disconnect.dataset.testid = 'disconnect';
  const row = element('li', {}, element('div', {}, account, element('small', { textContent: grant.provider_name })), disconnect);
  Object.assign(row.dataset, { testid: 'connection', grantId: grant.grant_id, provider: grant.provider_id, status: grant.status });
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
    connect: problem.provider && [problem.code === 'grant_not_found' ? 'Connect' : 'Connect again', () => connect(problem.provider)],
    retry: problem.again && ['Try again', () => run($('error-action'), problem.again)],
    sign_in: ['Sign in again', () => { location.href = '/signin'; }],
  }[problem.code === 'invalid_user_token' ? 'sign_in' : problem.action];
  $('error-detail').textContent = problem.detail ?? problem.message ?? 'Something went wrong.';
  $('error-code').textContent = problem.code ?? 'page_error';
  $('error-action').hidden = !action;
  if (action) [$('error-action').textContent, $('error-action').onclick] = action;
  $('error').hidden = false;
}

function notice(text) {
  $('notice').textContent = text;
  $('notice').hidden = false;
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
