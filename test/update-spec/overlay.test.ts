// An overlay extends a description, and is rejected if a target does not exist.

import { expect, test } from "vitest";
import { applyOverlay } from "../../scripts/update-spec/overlay.ts";

const locate = (pointer: string) => `openapi.overlay.yaml:1:1 ${pointer}`;

const apply = (document: object, ...actions: object[]) => {
  const copy = structuredClone(document) as Record<string, unknown>;
  applyOverlay({ value: { overlay: "1.0.0", actions }, locate }, copy);
  return copy;
};

test.each<[does: string, document: object, action: object, after: object]>([
  [
    "merges members",
    { a: { b: 1, c: 1 } },
    { target: "$.a", update: { c: 2, d: { e: 3 } } },
    { a: { b: 1, c: 2, d: { e: 3 } } },
  ],
  [
    "merges members of members",
    { a: { b: { c: 1 } } },
    { target: "$", update: { a: { b: { d: 2 } } } },
    { a: { b: { c: 1, d: 2 } } },
  ],
  [
    "replaces a value by a mapping",
    { a: { b: 1 } },
    { target: "$.a", update: { b: { c: 2 } } },
    { a: { b: { c: 2 } } },
  ],
  ["appends to an array that it targets", { a: [1] }, { target: "$.a", update: 2 }, { a: [1, 2] }],
  ["appends to an array that it holds", { a: { b: [1] } }, { target: "$.a", update: { b: [2] } }, { a: { b: [1, 2] } }],
  ["removes a member", { a: 1, b: 2 }, { target: "$.a", remove: true }, { b: 2 }],
  [
    "removes several items of a list",
    { a: [1, 2, 3, 4] },
    { target: "$.a[?@ > 1 && @ < 4]", remove: true },
    { a: [1, 4] },
  ],
  ["removes rather than updates", { a: 1 }, { target: "$.a", update: 2, remove: true }, {}],
  ["may remove what is not there", { a: 1 }, { target: "$.b", remove: true }, { a: 1 }],
  [
    "changes everything that it targets",
    { a: { c: {} }, b: { c: {} } },
    { target: "$[*].c", update: { d: 1 } },
    { a: { c: { d: 1 } }, b: { c: { d: 1 } } },
  ],
])("an action %s", (_, document, action, after) => {
  expect(apply(document, action)).toEqual(after);
});

test.each([
  ["a reference", { $ref: "#/a" }, { content: {} }],
  ["what a reference replaces", { content: {} }, { $ref: "#/a" }],
])("%s is replaced, not merged with", (_, before, after) => {
  expect(apply({ a: { b: before } }, { target: "$.a", update: { b: after } })).toEqual({ a: { b: after } });
});

test("actions are applied in order, and a value added in two places is copied", () => {
  const everywhere = { target: "$[*]", update: { c: { d: 1 }, e: [{}] } };
  const once = { target: "$.a.c", update: { d: 2 } };
  const item = { target: "$.a.e[0]", update: { f: 1 } };
  expect(apply({ a: {}, b: {} }, everywhere, once, item)).toEqual({
    a: { c: { d: 2 }, e: [{ f: 1 }] },
    b: { c: { d: 1 }, e: [{}] },
  });
});

test.each([
  ["what is no longer there", "$.b", "$.b targets nothing"],
  ["an invalid JSONPath", "a.b[", "a.b[ is not a JSONPath"],
])("an update of %s is rejected", (_, target, message) => {
  expect(() => apply({ a: 1 }, { target, update: {} })).toThrow(message);
});

test.each([null, {}, { actions: {} }])("%j is rejected, as it is not an overlay", (value) => {
  expect(() => applyOverlay({ value, locate }, {})).toThrow(/^openapi.overlay.yaml:1:1 #\/ found no actions/);
});

test("all problems of an overlay are reported together, with the places of its actions", () => {
  const update = {};
  expect(() => apply({ a: 1 }, { target: "$.b", update }, { target: "$.a", update }, { target: "$[", update })).toThrow(
    /^openapi.overlay.yaml:1:1 #\/actions\/0 \$.b targets nothing\n.*#\/actions\/2 \$\[ is not a JSONPath \(.*\)$/,
  );
});
