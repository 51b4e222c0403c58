// What a `request` of the user's own threw, as one of our errors. Each client throws its own kind; the members are read that
// openid-client, oauth4webapi, axios, ky, ofetch and got have in common, so that a wrong secret is not taken for a bad network.

import { safeCause, TokenRequestError } from "../errors.ts";
import { withoutCredentials } from "./redact.ts";
import { ERROR_CODE, isResponse, readJsonObject, requestError } from "./response-body.ts";

/** How many errors, each the cause of the one before, are read. */
const MAX_CAUSES = 4;

type Members = Readonly<Record<string, unknown>>;

/**
 * Makes a {@link TokenRequestError} of anything that was thrown, with the thrown as its cause.
 *
 * @param name of the endpoint, for the message
 * @param redact removes from a text what no error may repeat
 */
export async function toRequestError(
  thrown: unknown,
  name: string,
  redact: (text: string) => string,
): Promise<TokenRequestError> {
  const found = thrown instanceof TokenRequestError ? thrown : await errorIn(membersOf(thrown), name, redact);
  // Only these: an error may have other members, such as a request with its headers.
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
  // A client may wrap what another one threw.
  const errors = [thrown];
  while (errors.length < MAX_CAUSES) errors.push(membersOf(errors.at(-1)?.["cause"]));
  const carriers = errors.flatMap((from) => [from, membersOf(from["response"])]);
  const unread = carriers.find((value) => isResponse(value) && !value.ok && !value.bodyUsed);
  // Its body says what went wrong.
  if (unread) {
    const error: unknown = await readJsonObject(name, unread as unknown as Response, redact).catch((error) => error);
    if (error instanceof TokenRequestError && error.error) return error;
  }
  // openid-client and oauth4webapi have the challenges of a `WWW-Authenticate` as their cause.
  const challenges = errors.map((from) => membersOf(from["0"])["parameters"]);
  // Some throw the text of the body as their message.
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

/** A body may be a text that was not parsed. */
function parsed(body: unknown): Members {
  try {
    return membersOf(typeof body === "string" ? JSON.parse(body) : body);
  } catch {
    return {};
  }
}

/** The headers of a `Response`, or a dictionary such as Node's. */
function headersOf(headers: unknown): Pick<Headers, "get"> {
  const { get } = membersOf(headers);
  if (typeof get === "function") return headers as Headers;
  return { get: (name) => (membersOf(headers)[name] as string | undefined) ?? null };
}
