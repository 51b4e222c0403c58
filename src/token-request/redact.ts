// Removes secrets from texts, in every encoding in which a server may repeat them. Which secrets a request contains is
// in `endpoint.ts`.

const MASK = "***";
/** Only the beginning of a text is used, so that a server cannot make the search slow. */
const MAX_LENGTH = 1000;
/** How far an encoded secret may reach beyond `MAX_LENGTH`. */
const MAX_REACH = 4000;
/** If a secret is longer, such as an assertion, it is not searched for, and the text is not shown at all. */
const MAX_SECRET_LENGTH = 500;
/** The same is true for a secret with this in it, because the search could take very long. */
const ESCAPED_BACKSLASH = /\\(u005|x5)c/i;
/** The names of characters in HTML. */
const HTML_NAMES: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

/**
 * Creates a function that removes secrets from a text.
 *
 * It finds secrets in plain text, percent-encoded or form-encoded (also twice), escaped for JSON, JavaScript or HTML,
 * and in Base64.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  // A secret that was read from a file may end with a line break, which headers do not keep.
  const known = [...new Set(secrets.flatMap((secret) => (secret ? [secret, secret.trim()] : [])))].filter(Boolean);
  let pattern: RegExp | undefined;
  return (text) => {
    if (known.length === 0) return text;
    if (known.some((secret) => secret.length > MAX_SECRET_LENGTH || ESCAPED_BACKSLASH.test(secret))) return MASK;
    // Built on first use, because most responses are not errors.
    pattern ??= new RegExp(known.flatMap((secret) => [secret, ...base64Forms(secret)].map(patternOf)).join("|"), "g");
    return mask(text.slice(0, MAX_LENGTH + MAX_REACH), pattern);
  };
}

/**
 * Removes parts of requests and responses from an error message.
 *
 * Client libraries repeat the credentials and the query of a URL, the values of headers, or a part of a body that is
 * not JSON.
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

/** Encodes a text in both alphabets of Base64, without padding. */
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

/** Returns Basic credentials twice: plain (RFC 7617), and with both parts form-encoded (RFC 6749 §2.3.1). */
export function basicCredentials(id: string, secret: string): [plain: string, encoded: string] {
  const formEncoded = (text: string) => new URLSearchParams({ text }).toString().slice("text=".length);
  return [base64(`${id}:${secret}`), base64(`${formEncoded(id)}:${formEncoded(secret)}`)];
}

function base64(text: string): string {
  return btoa(utf8(text));
}

/** Encodes a text in UTF-8, each byte as one character. Jest's jsdom has no `TextEncoder`. */
function utf8(text: string): string {
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\uFFFD"));
  return encoded.replace(/%(..)/g, (_, byte) => String.fromCharCode(Number.parseInt(byte, 16)));
}

/** Returns a pattern that matches a text in any encoding. No text matches in two ways, so the search is fast. */
function patternOf(text: string): string {
  // Consecutive backslashes are matched together. Escaping makes them more, and adds those of the next character.
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
    // Last, because the others may begin with this character.
    isWordLike ? character : `${before ? "" : "\\\\*"}\\${character}`,
  ];
  return `(?:${alternatives.join("|")})`;
}
