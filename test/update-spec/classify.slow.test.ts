// What `redocly diff` reports is what was recorded, and its reports are classified as the fast tests promise.

process.env["REDOCLY_DIFF"] ??= "compare";
await import("./classify.test.ts");

export {};
