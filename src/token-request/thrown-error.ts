// Converts the errors of client libraries to `TokenRequestError`, for a user's `request` function. It reads what
// openid-client, oauth4webapi, axios, ky, ofetch and got put into their errors, so that a wrong secret is not mistaken
// for a network error.

import { safeCause, TokenRequestError } from "../errors.ts";
import { withoutCredentials } from "./redact.ts";
import { ERROR_CODE, isResponse, readJsonObject, requestError } from "./response-body.ts";

/** How many errors in a chain of causes are read. */
const MAX_CAUSES = 4;

type Members = Readonly<Record<string, unknown>>;

/**
 * Converts anything that was thrown to a {@link TokenRequestError}, with a safe copy of it as the cause.
 *
 * @param name the name of the endpoint, for the message
 * @param redact removes secrets from a text
 */
export async function toRequestError(
  thrown: unknown,
  name: string,
  redact: (text: string) => string,
): Promise<TokenRequestError> {
  const found = thrown instanceof TokenRequestError ? thrown : await errorIn(membersOf(thrown), name, redact);
  // Only these members are copied. Others may hold secrets, such as a request with its headers.
  const { status, error, errorDescription, retryAfterMs, requestId } = found;
  const isPermanent = status === undefined && ERROR_CODE.test(error ?? "");
  return new TokenRequestError(
    name,
    { status: isPermanent ? 400 : status, error, errorDescription, retryAfterMs, requestId },
    { cause: safeCause(thrown, (text) => withoutCredentials(redact(text))) },
  );
}

async function errorIn(
  thrown: Members,
  name: string,
  redact: (text: string) => string,
): Promise<Partial<TokenRequestError>> {
  // One library may wrap the error of another.
  const errors = [thrown];
  while (errors.length < MAX_CAUSES) errors.push(membersOf(errors.at(-1)?.["cause"]));
  const carriers = errors.flatMap((from) => [from, membersOf(from["response"])]);
  const unread = carriers.find((value) => isResponse(value) && !value.ok && !value.bodyUsed);
  if (unread) {
    const error: unknown = await readJsonObject(name, unread as unknown as Response, redact).catch((error) => error);
    if (error instanceof TokenRequestError && error.error) return error;
  }
  // openid-client and oauth4webapi use the challenges of `WWW-Authenticate` as the cause.
  const challenges = errors.map((from) => membersOf(from["0"])["parameters"]);
  // Some libraries use the text of the body as the message.
  const places = carriers.flatMap((from) => [from, from["data"], from["body"], from["error"], from["message"]]);
  const bodies = [...places, ...challenges].map(parsed);
  const status = carriers.flatMap((from) => [from["status"], from["statusCode"]]).find((value) => Number(value) >= 200);
  const headers = carriers.map((from) => from["headers"]).find((value) => typeof value === "object" && value !== null);
  return requestError(
    name,
    { status: status === undefined ? undefined : Number(status), headers: headersOf(headers) },
    bodies.find(({ error }) => typeof (membersOf(error)["code"] ?? error) === "string") ?? {},
    redact,
  );
}

function membersOf(value: unknown): Members {
  return Object(value) as Members;
}

/** Parses a body, unless the library has done so. */
function parsed(body: unknown): Members {
  try {
    return membersOf(typeof body === "string" ? JSON.parse(body) : body);
  } catch {
    return {};
  }
}

/** Reads the headers of a `Response`, or a plain object such as Node's. */
function headersOf(headers: unknown): Pick<Headers, "get"> {
  const { get } = membersOf(headers);
  if (typeof get === "function") return headers as Headers;
  return { get: (name) => (membersOf(headers)[name] as string | undefined) ?? null };
}
