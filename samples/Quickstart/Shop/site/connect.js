// Connecting an account takes these lines; the npm package @alter-ai/connect does the same.
import { ask } from './backend.js';

/**
 * Opens Connect in a popup. Must be called inside a click.
 * Resolves with the grants made, or with null when the person closed the window; throws what the vault refused.
 */
export async function connectByPopup(vaultOrigin, provider) {
  const popup = window.open('', 'alter_oauth_popup', 'popup,width=500,height=700');
  if (!popup) throw { code: 'popup_blocked', detail: 'Your browser blocked the window. Allow it, or connect by redirect.' };
  try {
    const session = await ask('POST', '/api/connect-session', { provider, mode: 'popup' });
    popup.location.href = connectUrl(vaultOrigin, session);
    return await resultOf(popup, vaultOrigin);
  } finally {
    popup.close();
  }
}

/** Leaves this page for Connect; the browser comes back to /connected. */
export async function connectByRedirect(vaultOrigin, provider) {
  const session = await ask('POST', '/api/connect-session', { provider, mode: 'redirect' });
  location.href = connectUrl(vaultOrigin, session);
}

/** What the address bar says after a redirect, taken out of it: a hint, not a proof. Null where it says nothing. */
export function redirectResult() {
  const query = new URLSearchParams(location.search);
  if (location.pathname === '/connected') history.replaceState(null, '', '/');
  if (query.has('alter_connect_error')) {
    return { error: { code: query.get('error_code') ?? 'connect_failed', detail: query.get('error_description') || 'Nothing was connected.' } };
  }
  return query.get('alter_connect_success') === 'true' ? { grantId: query.get('grant_id') } : null;
}

// The token travels in the fragment, which no server ever sees or logs.
const connectUrl = (vaultOrigin, session) => `${vaultOrigin}/sdk/oauth/connect#session=${encodeURIComponent(session.session_token)}`;

function resultOf(popup, vaultOrigin) {
  return new Promise((resolve, reject) => {
    const listening = new AbortController();
    const closed = setInterval(() => { if (popup.closed) settle(resolve, null); }, 500);
    window.addEventListener('message', event => {
      // Any page may post here: only the vault's, and only from the window opened above, is believed.
      if (event.origin !== vaultOrigin || event.source !== popup) return;
      const { type, grants, error, error_description, code } = event.data ?? {};
      if (type === 'alter_connect_success' && grants?.length) settle(resolve, grants);
      if (type === 'alter_connect_error') settle(reject, { code: code ?? error, detail: error_description || 'Nothing was connected.' });
    }, { signal: listening.signal });

    function settle(how, outcome) {
      clearInterval(closed);
      listening.abort();
      how(outcome);
    }
  });
}
