/** Asks the shop's backend; throws its problem ({ code, detail, action, … }) where it refuses. */
export async function ask(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body ? { 'Content-Type': 'application/json' } : {},
    body: body && JSON.stringify(body),
  }).catch(() => { throw { code: 'shop_unreachable', detail: 'The shop does not answer. Is it running?' }; });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw { code: `http_${response.status}`, detail: `The shop answered ${response.status}.`, ...answer };
}
