// What each program does with the package, however it is loaded: an upload whose first token the API rejects.

const client = { clientId: "your-client-id", clientSecret: "your-client-secret" };

/** By `bearerFetch`. `more` are options of the source. Returns the status. */
export async function upload({ bearerFetch, createTokenSource }, [tokenUrl, api], more = {}) {
  const tokens = createTokenSource({ ...client, ...more, tokenUrl, clientAuthentication: "client_secret_post" });
  const send = bearerFetch(tokens, { origins: [api] });
  const { status } = await send(`${api}/fetch`, { method: "POST", body: "the whole body" });
  return status;
}

/** By the middleware of openapi-fetch, with a store. */
export async function uploadTyped(
  { createTokenSource },
  { bearerMiddleware, ReplayableRequest },
  more,
  [tokenUrl, api],
) {
  const { redisStore, createClient } = more;
  const store = redisStore(fakeRedis());
  const tokens = createTokenSource({ ...client, tokenUrl, clientAuthentication: "client_secret_post", store });
  const typed = createClient({ baseUrl: api, Request: ReplayableRequest });
  typed.use(bearerMiddleware(tokens, { origins: [api] }));
  const init = { body: "the whole body", bodySerializer: (body) => body };
  const { response } = await typed.POST("/middleware", init);
  return response.status;
}

/** The part of Redis that the store needs. */
function fakeRedis() {
  const stored = new Map();
  return async (_script, [key], [expected, next]) => {
    if (expected === undefined) return [stored.get(key) ?? null, 60_000];
    if ((stored.get(key) ?? "") !== expected) return 0;
    stored.set(key, next);
    return 1;
  };
}
