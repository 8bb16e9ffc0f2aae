// What the page asks the vault. Whatever goes wrong is thrown as a problem: { code, detail, action, … }.
const PATIENCE_MS = 60_000; // The vault itself waits 20 s for a provider, at most twice.
const CLOSE_PATIENCE_MS = 3_000;

const post = async (path, body, patience) => {
  let response;
  try {
    response = await fetch(`/sdk/oauth/connect/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(patience),
    });
  } catch {
    throw { code: "offline", action: "retry" };
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) { throw { request_id: response.headers.get("X-Alter-Request-Id"), ...answer }; }
  return answer;
};

export const open = (token, referrer) => post("open", { session_token: token, referrer_origin: referrer }, PATIENCE_MS);

// A member that does not apply is left out: the vault refuses what it does not know.
export const authorize = (token, provider, mode, fresh) =>
  post("authorize", { session_token: token, provider, mode, ...(fresh ? { fresh_sign_in: true } : {}) }, PATIENCE_MS);

// The person is done: nothing more shall be connected with this session. If that cannot be said, its ten minutes end it.
export const close = (token) => post("close", { session_token: token }, CLOSE_PATIENCE_MS).catch(() => {});
