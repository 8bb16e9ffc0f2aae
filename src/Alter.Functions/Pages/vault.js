// What the Connect page asks the vault.
import { send } from "./requests.js";

const PATIENCE_MS = 60_000; // The vault itself waits 20 s for a provider, at most twice.
const CLOSE_PATIENCE_MS = 3_000;

const post = (path, body, patience) => send(`/sdk/oauth/connect/${path}`, body, patience);

export const open = (token, referrer) => post("open", { session_token: token, referrer_origin: referrer }, PATIENCE_MS);

// A member that does not apply is left out: the vault refuses what it does not know.
export const authorize = (token, provider, mode, fresh) =>
  post("authorize", { session_token: token, provider, mode, ...(fresh ? { fresh_sign_in: true } : {}) }, PATIENCE_MS);

// The person is done: nothing more shall be connected with this session. If that cannot be said, its ten minutes end it.
export const close = (token) => post("close", { session_token: token }, CLOSE_PATIENCE_MS).catch(() => {});
