// Removes secrets from texts, in every encoding in which a server may repeat them.

/** What replaces a secret. */
const MASK = "***";
/** Of a longer text only the beginning is kept, so that no server can make us search for long. */
const MAX_LENGTH = 1000;
/** How far a secret that begins there may reach, encoded. */
const MAX_REACH = 4000;
/** A secret that is longer, such as an assertion, is not searched for: nothing of the text is shown. */
const MAX_SECRET_LENGTH = 500;
/** A secret with this in it could make a search take for ever. */
const ESCAPED_BACKSLASH = /\\(u005|x5)c/i;
/** HTML's names for characters. */
const HTML_NAMES: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

/**
 * Makes a function that removes secrets from a text.
 *
 * It finds them as they are, percent-encoded or form-encoded (also twice), with the escapes of JSON, JavaScript or HTML, and in
 * Base64.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  // A secret that was read from a file may end with a line break, which is lost on the way.
  const known = [...new Set(secrets.flatMap((secret) => (secret ? [secret, secret.trim()] : [])))].filter(Boolean);
  let pattern: RegExp | undefined;
  return (text) => {
    if (known.length === 0) return text;
    if (known.some((secret) => secret.length > MAX_SECRET_LENGTH || ESCAPED_BACKSLASH.test(secret))) return MASK;
    // Built when it is needed: most responses are no errors.
    pattern ??= new RegExp(known.flatMap((secret) => [secret, ...base64Forms(secret)].map(patternOf)).join("|"), "g");
    return mask(text.slice(0, MAX_LENGTH + MAX_REACH), pattern);
  };
}

/**
 * Removes what clients repeat in the messages of their errors: credentials and queries of URLs, values of headers, and a piece of
 * a body that is not JSON.
 */
export function withoutCredentials(text: string): string {
  return text
    .slice(0, MAX_LENGTH + MAX_REACH)
    .replace(/(:\/\/)[^\s"'`/?#]*@/g, `$1${MASK}@`)
    .replace(/(:\/\/[^\s"'`?]*\?)[^\s"'`]+/g, `$1${MASK}`)
    .replace(/".*"(?= is an invalid header value)/s, `"${MASK}"`)
    .replace(/\b([Bb]asic|[Bb]earer|DPoP) +(?=\S*[^\sa-z])[^\s"']+/g, `$1 ${MASK}`)
    .replace(/(Unexpected (?:token|identifier)) (?:.*?is not valid JSON|[^\n]*)/s, `$1 ${MASK}`);
}

/** Base64 in both alphabets, without padding. */
function base64Forms(text: string): string[] {
  const standard = base64(text).replace(/=+$/, "");
  return [standard, standard.replaceAll("+", "-").replaceAll("/", "_")];
}

function mask(text: string, pattern: RegExp): string {
  let [masked, end] = ["", 0];
  for (const { 0: found, index } of text.matchAll(pattern)) {
    if (index >= MAX_LENGTH) break;
    masked += text.slice(end, index) + MASK;
    end = index + found.length;
  }
  return masked + text.slice(end, Math.max(end, MAX_LENGTH));
}

/** The value of an `Authorization` header that holds a secret (RFC 7617), and the same with encoded parts (RFC 6749 §2.3.1). */
export function basicCredentials(id: string, secret: string): [asTheyAre: string, encoded: string] {
  const formEncoded = (text: string) => new URLSearchParams({ text }).toString().slice("text=".length);
  return [base64(`${id}:${secret}`), base64(`${formEncoded(id)}:${formEncoded(secret)}`)];
}

function base64(text: string): string {
  return btoa(utf8(text));
}

/** A text in UTF-8, each byte as a character. There is no `TextEncoder` in Jest's jsdom. */
function utf8(text: string): string {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD"));
  return encoded.replace(/%(..)/g, (_, byte) => String.fromCharCode(Number.parseInt(byte, 16)));
}

/** A pattern that matches a text in any encoding. Two ways never lead to the same match, so that it fails fast. */
function patternOf(text: string): string {
  // A run of backslashes is one unit: escaped, it is a longer run, which has the backslashes of the next character too.
  return Array.from(text.matchAll(/(\\+)|(?<=(\\)?)[^\\]/gu), ([unit, run, before]) =>
    run
      ? `(?:\\\\(?:u005[cC]|x5[cC])?|%(?:25)*5[cC]|&#(?:0*92|[xX]0*5[cC]);){${run.length},}`
      : encodings(unit, before ?? ""),
  ).join("");
}

function encodings(character: string, before: string): string {
  const slashes = before ? "" : "\\\\+";
  const hex = (value: number, digits: number) => {
    const text = value.toString(16).padStart(digits, "0");
    return text.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  };
  const code = character.codePointAt(0) as number;
  const [first = 0, second] = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const bytes = Array.from(utf8(character), (byte) => `%(?:25)*${hex(byte.charCodeAt(0), 2)}`);
  const isWordLike = /^\w$/.test(character);
  const alternatives = [
    `${slashes}u${hex(first, 4)}${second === undefined ? "" : `\\\\+u${hex(second, 4)}`}`,
    `${slashes}x${hex(code, 2)}`,
    bytes.join(""),
    `&#(?:0*${code}|[xX]0*${hex(code, 1)});`,
    ...(character in HTML_NAMES ? [`&${HTML_NAMES[character]};`] : []),
    ...(character === " " ? ["\\+"] : []),
    // Last, since the others may begin with it.
    isWordLike ? character : `${before ? "" : "\\\\*"}\\${character}`,
  ];
  return `(?:${alternatives.join("|")})`;
}
