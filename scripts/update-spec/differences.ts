// Finds the differences between two schemas. Their verdicts are defined in `effects.ts`.

import { isDeepStrictEqual } from "node:util";
import { type Mapping, mappingAt } from "../generate/read.ts";
import { isOpen } from "../generate/schemas.ts";
import { type Direction, EFFECTS, type Effect, effectOfLimit } from "./effects.ts";
import { DIRECTION, type NormalForm, normalForm, type Schemas, type Variant } from "./normal-form.ts";
import type { SpecChange } from "./report.ts";

/** Limits the search for renamed names to about a second: each name that is gone is compared with each new one. */
const MAX_PAIRS = 10_000;

export interface Comparison {
  readonly before: Mapping;
  readonly after: Mapping;
  readonly direction: Direction;
  /** The pairs that were compared already. They end the comparison of a schema that contains itself. */
  readonly visited: Set<string>;
  /** The components that were compared already. */
  readonly reached: Set<string>;
  /** Whether the schemas of a pair are the same, for each pair that was checked. */
  readonly same: Map<string, boolean>;
}

/** The normal forms of two schemas, and their place. */
interface Pair {
  readonly was: NormalForm;
  readonly is: NormalForm;
  readonly place: string;
}

/** Lists the differences between two schemas. If both refer to one component, the component is reported as their place. */
export function* differences(was: Schemas, is: Schemas, place: string, on: Comparison): Generator<SpecChange> {
  const pair: Pair = { was: normalForm(was, on.before), is: normalForm(is, on.after), place };
  // A component is compared once, because it may contain itself. Other schemas are compared at each of their places.
  const isReference = [...pair.was.parts, ...pair.is.parts].some(({ schema }) => "$ref" in schema);
  const key = JSON.stringify([was, is, on.direction, isReference || place]);
  if (on.visited.has(key)) return;
  on.visited.add(key);
  for (const component of sharedBy(pair)) on.reached.add(component);
  const [old, now] = [pair.was.variants, pair.is.variants];
  // A schema has become one of several variants, or the other way round.
  if (now.length > 0 && old.length === 0 && !pair.is.types) yield* variantChanges(asVariant(pair.was), now, pair, on);
  else if (old.length > 0 && now.length === 0 && !pair.was.types)
    yield* variantChanges(old, asVariant(pair.is), pair, on);
  else {
    yield* keywordChanges("words", () => "words", pair, on);
    yield* typeChanges(pair, on);
    // The keywords of one type cannot be compared with those of another.
    if (isOtherType(pair)) return;
    yield* valueChanges(pair, on);
    yield* keywordChanges("limits", effectOfLimit, pair, on);
    yield* propertyChanges(pair, on);
    yield* additionalChanges(pair, on);
    yield* variantChanges(old, now, pair, on);
    const { items } = pair.is;
    if (items.length + pair.was.items.length > 0)
      yield* differences(pair.was.items, items, `${placeOf(pair, "items")}[]`, on);
  }
}

/** Reports whether two schemas are the same, apart from the components they refer to. `withWords` compares texts, too. */
function isSame(was: Schemas, is: Schemas, on: Comparison, withWords: boolean): boolean {
  // Beyond the limit, a renamed schema is reported as removed and added.
  if (on.same.size > MAX_PAIRS) return false;
  const key = JSON.stringify([was, is, on.direction, withWords]);
  const known = on.same.get(key);
  if (known !== undefined) return known;
  // A schema that contains itself is the same, unless another part of it differs.
  on.same.set(key, true);
  const own = "?";
  for (const { where, verdict } of differences(was, is, own, { ...on, visited: new Set(), reached: new Set() })) {
    if (!where.startsWith(own) || (verdict === "documentation" && !withWords)) continue;
    on.same.set(key, false);
    return false;
  }
  return true;
}

function sharedBy({ was, is }: Pair): Set<string> {
  const components = new Set(was.parts.map(({ component }) => component));
  return new Set(is.parts.flatMap(({ component = "" }) => (components.has(component) ? [component] : [])));
}

/** Returns the place of a keyword, or of a name in it. */
function placeOf(pair: Pair, keyword: string, name?: string): string {
  const has = ({ schema }: Schemas[number]) =>
    name === undefined ? keyword in schema : name in mappingAt(schema, keyword);
  const component = [...pair.is.parts, ...pair.was.parts].find(has)?.component ?? "";
  return sharedBy(pair).has(component) ? component : pair.place;
}

function change(
  effect: Effect,
  where: string,
  what: string,
  on: Comparison,
  before?: unknown,
  after?: unknown,
): SpecChange {
  return { verdict: EFFECTS[effect][on.direction], where, what, before, after };
}

function* keywordChanges(
  kind: "words" | "limits",
  effectOf: (keyword: string, before: unknown, after: unknown) => Effect,
  pair: Pair,
  on: Comparison,
): Generator<SpecChange> {
  for (const keyword of Object.keys({ ...pair.was[kind], ...pair.is[kind] })) {
    const [before, after] = [pair.was[kind][keyword], pair.is[kind][keyword]];
    if (isDeepStrictEqual(before, after)) continue;
    const verb = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    yield change(effectOf(keyword, before, after), placeOf(pair, keyword), `${keyword} ${verb}`, on, before, after);
  }
}

function* typeChanges(pair: Pair, on: Comparison): Generator<SpecChange> {
  const [was, is] = [pair.was.types, pair.is.types];
  const lost = (was ?? ["any"]).filter((type) => !fits(type, is));
  const gained = (is ?? ["any"]).filter((type) => !fits(type, was));
  if (lost.length + gained.length === 0) return;
  const effect = lost.length === 0 ? "wider" : gained.length === 0 ? "narrower" : "other";
  const isNull = [...lost, ...gained].join() === "null";
  const what = isNull ? (gained.length > 0 ? "may be null" : "no longer null") : "type changed";
  yield change(effect, placeOf(pair, "type"), what, on, was?.join(" or ") ?? "any", is?.join(" or ") ?? "any");
}

function isOtherType({ was, is }: Pair): boolean {
  return is.types !== undefined && was.types?.some((type) => type !== "null" && fits(type, is.types)) === false;
}

/** Reports whether all values of a type are also of one of these types. */
function fits(type: string, types: readonly string[] | undefined): boolean {
  return !types || types.includes(type) || (type === "integer" && types.includes("number"));
}

function* valueChanges(pair: Pair, on: Comparison): Generator<SpecChange> {
  const [was, is] = [pair.was.values, pair.is.values];
  const place = placeOf(pair, "enum");
  if (!was && is) yield change("narrower", place, "enum added", on, was, is);
  if (was && !is) yield change("wider", place, "enum removed", on, was, is);
  if (!was || !is) return;
  const [wasOpen, isNowOpen] = [isOpen(pair.was.words), isOpen(pair.is.words)];
  if (!wasOpen && isNowOpen) yield change("wider", place, "open to other values", on);
  if (wasOpen && !isNowOpen) yield change("narrower", place, "no longer open to other values", on);
  const [lost, gained] = [without(was, is), without(is, was)];
  if (lost.length > 0) yield change("narrower", place, `${lost.join(", ")} removed`, on);
  const effect = isNowOpen ? "more" : "wider";
  if (gained.length > 0) yield change(effect, place, `${gained.join(", ")} added`, on);
}

function without(values: readonly unknown[], others: readonly unknown[]): string[] {
  const rest = values.filter((value) => !others.some((other) => isDeepStrictEqual(other, value)));
  return rest.map((value) => `value ${typeof value === "string" ? value : JSON.stringify(value)}`);
}

function* propertyChanges(pair: Pair, on: Comparison): Generator<SpecChange> {
  const { was, is } = pair;
  const gained = new Map([...is.properties].filter(([name]) => !was.properties.has(name)));
  for (const [name, schemas] of was.properties) {
    const place = within(pair, name);
    const now = is.properties.get(name);
    if (!now) {
      const [newName] = [...gained].find(([, others]) => isSame(schemas, others, on, true)) ?? [];
      gained.delete(newName ?? "");
      if (newName === undefined) yield change("other", place, "removed", on, shown(schemas, name));
      else yield change("other", place, `renamed to ${newName.trim()}`, on);
      // The parts of an operation that are components are compared as components.
    } else if (pair.place !== "" || !on.reached.has(name)) {
      const direction = (now[0]?.schema[DIRECTION] as Direction | undefined) ?? on.direction;
      const [wasRequired, isRequired] = [was.required.has(name), is.required.has(name)];
      if (wasRequired && !isRequired) yield change("wider", place, "no longer required", { ...on, direction });
      if (!wasRequired && isRequired) yield change("narrower", place, "required", { ...on, direction });
      yield* differences(schemas, now, place, { ...on, direction });
    }
  }
  for (const [name, schemas] of gained) {
    const isNeeded = is.required.has(name) && schemas[0]?.schema["readOnly"] !== true;
    const [effect, what] = isNeeded ? (["narrower", "added, required"] as const) : (["more", "added"] as const);
    yield change(effect, within(pair, name), what, on, undefined, shown(schemas, name));
  }
}

/** Returns a schema as it is in the description, or `undefined` if it was made from an operation. */
function shown([part]: Schemas, name = ""): unknown {
  return name.startsWith(" ") ? undefined : part?.schema;
}

/** Returns the place of a property. */
function within(pair: Pair, name: string): string {
  const owner = placeOf(pair, "properties", name);
  return owner === "" || name.startsWith(" ") ? owner + name : `${owner}.${name}`;
}

function* additionalChanges(pair: Pair, on: Comparison): Generator<SpecChange> {
  const [was, is] = [pair.was.additional, pair.is.additional];
  const place = placeOf(pair, "additionalProperties");
  if (typeof was === "object" && typeof is === "object") yield* differences(was, is, `${place}.*`, on);
  else if (was !== is) {
    // Clients ignore unknown fields, unless the schema has a type for them.
    const effect = was === false ? "more" : was === true ? "narrower" : is === true ? "wider" : "other";
    const [before, after] = [was, is].map((one) => (typeof one === "object" ? shown(one) : one));
    yield change(effect, place, "additionalProperties changed", on, before, after);
  }
}

/** Returns a schema as a single variant, or no variant if any value is valid. */
function asVariant({ parts, types, values, limits }: NormalForm): Variant[] {
  const isAny = !types && !values && Object.keys(limits).length === 0;
  return isAny ? [] : [{ name: parts[1]?.component, schemas: parts }];
}

function* variantChanges(
  was: readonly Variant[],
  is: readonly Variant[],
  pair: Pair,
  on: Comparison,
): Generator<SpecChange> {
  const place = placeOf(pair, "oneOf");
  if (was.length === 0 && is.length > 0) return yield change("narrower", place, "oneOf added", on);
  if (is.length === 0 && was.length > 0) return yield change("wider", place, "oneOf removed", on);
  const [lost, gained] = [new Set(was), new Set(is)];
  const isNamed = (before: Variant, after: Variant) => before.name !== undefined && before.name === after.name;
  const isEqual = (before: Variant, after: Variant) => isSame(before.schemas, after.schemas, on, true);
  const isAlike = (before: Variant, after: Variant) => isSame(before.schemas, after.schemas, on, false);
  for (const isMatch of [isNamed, isEqual, isAlike]) {
    for (const before of lost) {
      // The same variant may occur twice.
      const after = [...gained, ...(isMatch === isAlike ? is : [])].find((variant) => isMatch(before, variant));
      if (!after) continue;
      lost.delete(before);
      if (gained.delete(after)) yield* differences(before.schemas, after.schemas, place, on);
    }
  }
  for (const after of gained) if (was.some((before) => isAlike(before, after))) gained.delete(after);
  const [before, after] = [[...lost][0], [...gained][0]];
  // If one variant remains on each side, they are one changed variant.
  if (before && after && lost.size + gained.size === 2)
    return yield* differences(before.schemas, after.schemas, place, on);
  const called = (name = "") => `variant ${name}`.trim();
  for (const { name, schemas } of lost) yield change("narrower", place, `${called(name)} removed`, on, shown(schemas));
  for (const { name, schemas } of gained)
    yield change("wider", place, `${called(name)} added`, on, undefined, shown(schemas));
}
