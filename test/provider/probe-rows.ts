// What an answer shows beside its description: rows of a table, for `npm run probe`.

import type { Checked } from "oauth2-token-response/schemas";

/** A line of the table. */
export interface Row {
  readonly answer: string;
  readonly verdict: "as described" | "more" | "less" | "breaks" | "as seen" | "unlike" | "not asked";
  readonly what: string;
}

/** What came back; a body that is no JSON is its text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Holds an answer against its check, if there is one, and its fields against those that are described; shows no other name that is unfit for it. */
export function* compare(
  answer: string,
  check: Checked<unknown> | undefined,
  { status, body }: Answer,
  isFit: (name: string) => boolean,
): Generator<Row> {
  if (status !== 200) {
    yield { answer, verdict: "breaks", what: `expected status 200, found ${status}` };
    return;
  }
  if (!check) return;
  const { validate, jsonSchema } = check["~standard"];
  const { issues = [] } = validate(body);
  for (const { path, message } of issues) {
    yield { answer, verdict: "breaks", what: `${path.join(".") || "the body"}: ${message}` };
  }
  const broken = issues.map(({ path }) => path.join("."));
  const found = fieldsIn(body);
  const described = fieldsOf(jsonSchema.output({ target: "draft-2020-12" }));
  const fields = {
    more: without(found, described).map((name) => (isFit(name) ? name : "[a name unfit to print]")),
    less: without(described, found),
  };
  const fine = found.filter((field) => described.includes(field) && !broken.includes(field));
  if (!broken.includes("")) yield { answer, verdict: "as described", what: fine.join(", ") || "an object" };
  for (const verdict of ["more", "less"] as const) {
    if (fields[verdict].length > 0) yield { answer, verdict, what: fields[verdict].join(", ") };
  }
}

export function scopeManner(scope: unknown, asked: string): Row {
  if (scope === undefined) return manner("token", "scope is absent, which means as asked", true);
  const granted = typeof scope === "string" ? scope.split(" ").filter(Boolean) : [];
  const isMore = granted.some((one) => one !== asked);
  const how = isMore ? "other than asked" : granted.length === 0 ? "less than asked" : "as asked";
  return manner("token", `scope is ${how}`, !isMore);
}

export function lifetimeManner(info: Answer, lifetime: number): Row {
  const [left, createdAt] = [Number(memberOf(info, "expires_in")), Number(memberOf(info, "created_at"))];
  if (left >= createdAt) return manner("info", "expires_in is a moment", true);
  const isWhatRemains = left <= lifetime;
  return manner("info", `expires_in is ${isWhatRemains ? "" : "not "}what remains`, isWhatRemains);
}

export function manner(answer: string, what: string, isAsSeen: boolean): Row {
  return { answer, verdict: isAsSeen ? "as seen" : "unlike", what };
}

/** `application`, `application.uid`: the fields that a schema describes. */
function fieldsOf(schema: object, prefix = ""): string[] {
  const { properties = {} } = schema as { properties?: Record<string, object> };
  return Object.entries(properties).flatMap(([name, field]) => [
    prefix + name,
    ...fieldsOf(field, `${prefix}${name}.`),
  ]);
}

/** The same of an object. */
function fieldsIn(value: unknown, prefix = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const name = prefix + key;
    return [name, ...fieldsIn(member, `${name}.`)];
  });
}

/** The fields of one list that the other lacks; of what is missing as a whole no part. */
function without(fields: readonly string[], others: readonly string[]): string[] {
  const missing = fields.filter((field) => !others.includes(field));
  return missing.filter((field) => !missing.some((parent) => field.startsWith(`${parent}.`)));
}

export function memberOf({ body }: Answer, name: string): unknown {
  return Object(body)[name];
}

/** Only what breaks the description lets the command fail: manners are no part of it. */
export function isBreak({ verdict }: Row): boolean {
  return verdict === "breaks";
}

export function formatRow({ answer, verdict, what }: Row): string {
  return `  ${answer.padEnd(14)} ${verdict.padEnd(13)} ${what}\n`;
}
