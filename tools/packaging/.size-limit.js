// Limits the sizes of bundles with all dependencies, minified and gzipped. They are ES modules, as in users' builds.

const modifyEsbuildConfig = (config) => ({ ...config, format: "esm" });

export default [
  ["isExpired alone", "expiry", "{ isExpired }", "600 B"],
  [
    "OAuth2TokenResponseSchema alone, with its JSON Schema",
    "generated/schemas",
    "{ OAuth2TokenResponseSchema }",
    "800 B",
  ],
  ["requestToken alone", "index", "{ requestToken }", "5.6 kB"],
  ["a source and the bearer header", "index", "{ createTokenSource, bearerFetch }", "12.8 kB"],
  [
    "the middleware of openapi-fetch",
    "bearer-fetch/openapi-fetch",
    "{ bearerMiddleware, ReplayableRequest }",
    "12.3 kB",
  ],
  ["redisStore, with the code that shares a token", "store/redis", "{ redisStore }", "5.5 kB"],
  ["everything", "index", "*", "15.9 kB"],
].map(([name, file, names, limit]) => {
  return { name, path: `../../dist/${file}.js`, import: names, limit, gzip: true, modifyEsbuildConfig };
});
