/** JSON of the shop's backend; throws its problem ({ code, title, action, … }) where it refuses. */
export const ask = async (method, path, body) => answerOf(await send(method, path, body));

/** The answer as it came: for AlterConnect.resolve, which looks at it first. */
export const send = (method, path, body) => fetch(path, {
  method,
  headers: body ? { 'Content-Type': 'application/json' } : {},
  body: body && JSON.stringify(body),
}).catch(() => { throw { code: 'shop_unreachable', title: 'The shop does not answer. Is it running?' }; });

export async function answerOf(response) {
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw { code: `http_${response.status}`, title: `The shop answered ${response.status}.`, status: response.status, ...answer };
}
