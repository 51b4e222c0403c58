// Makes the calls of all programs: uploads to an API that rejects the first token. The package is passed in, already loaded.

const client = { clientId: "your-client-id", clientSecret: "your-client-secret" };

/** Uploads with `bearerFetch` and returns the status. `more` contains options of the source. */
export async function upload({ bearerFetch, createTokenSource }, [tokenUrl, api], more = {}) {
  const tokens = createTokenSource({ ...client, ...more, tokenUrl, clientAuthentication: "client_secret_post" });
  const send = bearerFetch(tokens, { origins: [api] });
  const { status } = await send(`${api}/fetch`, { method: "POST", body: "the whole body" });
  return status;
}

/** Uploads with the middleware of openapi-fetch and a store, and returns the status. */
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

/** Returns a function that behaves like the part of Redis that the store uses. */
function fakeRedis() {
  const stored = new Map();
  return async (_script, [key], [expected, next]) => {
    if (expected === undefined) return [stored.get(key) ?? null, 60_000];
    if ((stored.get(key) ?? "") !== expected) return 0;
    stored.set(key, next);
    return 1;
  };
}
