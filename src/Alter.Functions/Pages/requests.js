// A request to the vault itself. Whatever goes wrong is thrown as a problem: { code, detail, action, … }.
export const send = async (method, path, body, patience) => {
  let response;
  try {
    response = await fetch(path, {
      method,
      ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
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
