// Encrypts the values in a store: AES-256-GCM, with a key that is derived from a secret by HKDF-SHA-256 (RFC 5869).
// Whether an opened value is still valid is decided in `sealed-store.ts`.

/** The format of sealed values. Values of another version are not opened. */
const VERSION = 2;
const NONCE_BYTES = 12;
/** The longest value that is opened: a token response of 1 MiB in base64. */
const MAX_LENGTH = 2 ** 21;

/** Seals and opens the values of all processes that have the same secret and identity. */
export interface Seal {
  /** The name of the secret and the identity. It does not reveal them. */
  readonly name: string;
  /** Encrypts a text for one key of the store. It cannot be opened under another key. */
  seal(key: string, text: string): Promise<string>;
  /** Decrypts a text. Returns `undefined` if it was not sealed with the same secret and identity, for this key. */
  open(key: string, sealed: string): Promise<string | undefined>;
}

/** Derives a seal. `identity` distinguishes tokens that have the same secret. */
export async function createSeal(secret: string, identity: readonly string[]): Promise<Seal> {
  const { subtle } = crypto;
  const material = await subtle.importKey("raw", utf8(secret), "HKDF", false, ["deriveBits", "deriveKey"]);
  const derivation = (use: string) => {
    // JSON keeps the parts apart, whatever characters they contain.
    const info = utf8(JSON.stringify(["oauth2-token-response", VERSION, use, ...identity]));
    return { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  };
  const aes = { name: "AES-GCM", length: 256 };
  const [name, key] = await Promise.all([
    subtle.deriveBits(derivation("name"), material, 256),
    subtle.deriveKey(derivation("seal"), material, aes, false, ["encrypt", "decrypt"]),
  ]);
  return {
    name: Array.from(new Uint8Array(name), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    async seal(storeKey, text) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
      const box = await subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(storeKey) }, key, utf8(text));
      return toBase64(Uint8Array.of(VERSION, ...iv, ...new Uint8Array(box)));
    },
    async open(storeKey, sealed) {
      if (sealed.length > MAX_LENGTH) return undefined;
      try {
        const [version, ...rest] = fromBase64(sealed);
        if (version !== VERSION) return undefined;
        const bytes = Uint8Array.from(rest);
        const [iv, box] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
        const text = await subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8(storeKey) }, key, box);
        return new TextDecoder().decode(text);
      } catch {
        return undefined;
      }
    },
  };
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
