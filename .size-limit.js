// What a bundle pays, minified and gzipped; bundled as ES modules, as users do. What is loaded only with a store is its own chunk.

const modifyEsbuildConfig = (config) => ({ ...config, format: "esm" });

export default [
  {
    name: "isExpired alone",
    path: "dist/expiry.js",
    import: "{ isExpired }",
    limit: "600 B",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "OAuth2TokenResponseSchema alone, with its JSON Schema",
    path: "dist/generated/schemas.js",
    import: "{ OAuth2TokenResponseSchema }",
    limit: "800 B",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "requestToken alone, without openapi-fetch",
    path: "dist/index.js",
    import: "{ requestToken }",
    ignore: ["openapi-fetch", "../store/shared-token.js"],
    limit: "2.5 kB",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "a source and the bearer header, without openapi-fetch",
    path: "dist/index.js",
    import: "{ createTokenSource, bearerFetch }",
    ignore: ["openapi-fetch", "../store/shared-token.js"],
    limit: "6 kB",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "redisStore",
    path: "dist/store/redis.js",
    limit: "600 B",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "everything but what is loaded with a store, without openapi-fetch",
    path: "dist/index.js",
    ignore: ["openapi-fetch", "../store/shared-token.js"],
    limit: "6.5 kB",
    gzip: true,
    modifyEsbuildConfig,
  },
];
