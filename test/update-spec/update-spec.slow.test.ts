// What `redocly diff` reports is what was recorded, and `npm run update-spec` does with it what the fast tests promise.

process.env["REDOCLY_DIFF"] ??= "compare";
await import("../update-spec.test.ts");

export {};
