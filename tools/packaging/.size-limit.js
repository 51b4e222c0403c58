// What a bundle pays, minified and gzipped, with all that it needs; bundled as ES modules, as users do.

const modifyEsbuildConfig = (config) => ({ ...config, format: "esm" });

export default [
  ["isExpired alone", "expiry", "{ isExpired }", "600 B"],
  [
    "OAuth2TokenResponseSchema alone, with its JSON Schema",
    "generated/schemas",
    "{ OAuth2TokenResponseSchema }",
    "800 B",
  ],
  ["requestToken alone", "index", "{ requestToken }", "3.7 kB"],
  ["a source and the bearer header", "index", "{ createTokenSource, bearerFetch }", "10.5 kB"],
  ["the middleware of openapi-fetch", "bearer-fetch/openapi-fetch", "{ bearerMiddleware, ReplayableRequest }", "10 kB"],
  ["redisStore, with the code that shares a token", "store/redis", "{ redisStore }", "5.1 kB"],
  ["everything", "index", "*", "13.6 kB"],
].map(([name, file, names, limit]) => {
  return { name, path: `../../dist/${file}.js`, import: names, limit, gzip: true, modifyEsbuildConfig };
});
