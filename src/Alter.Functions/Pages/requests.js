// A request to the vault itself; one without a body only reads. Whatever goes wrong is thrown as a problem: { code, detail, action, … }.
export const send = async (path, body, patience) => {
  let response;
  try {
    response = await fetch(path, {
      ...(body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
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
