// What keys of a description are called in TypeScript.

/** `token_type` → `TokenType`, `OAuth2TokenResponse` → `OAuth2TokenResponse`. */
export function pascalCase(words: string): string {
  return words.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9]?)/g, (_, first: string) => first.toUpperCase());
}
