// What a bundle pays, minified and gzipped; bundled as ES modules, as users do.

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
    path: "dist/generated/checks.js",
    import: "{ OAuth2TokenResponseSchema }",
    limit: "800 B",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "requestToken alone, without openapi-fetch",
    path: "dist/index.js",
    import: "{ requestToken }",
    ignore: ["openapi-fetch"],
    limit: "2.5 kB",
    gzip: true,
    modifyEsbuildConfig,
  },
  {
    name: "everything, without openapi-fetch",
    path: "dist/index.js",
    ignore: ["openapi-fetch"],
    limit: "6 kB",
    gzip: true,
    modifyEsbuildConfig,
  },
];
