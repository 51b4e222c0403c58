// Descriptions with the shapes of those that providers publish are accepted as they are, without any edits.

import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { NAMES, prepared } from "./descriptions/prepared.ts";
import { type Summary, summaryOf } from "./descriptions/summary.ts";

test.each<[name: string, expected: Summary]>([
  [
    "adyen",
    {
      roles: ["token POST /token"],
      style: ["info-license"],
      unchecked: ["`patternProperties` TokenCreated"],
      token: "json client_secret_basic",
    },
  ],
  [
    "amadeus",
    {
      roles: ["token POST /security/oauth2/token"],
      style: ["info-license", "operation-4xx-response", "security-defined"],
      token: "form client_secret_post grant_type: client_credentials",
    },
  ],
  [
    "auth0",
    {
      roles: ["token POST /oauth/token", "revocation POST /oauth/revoke"],
      style: ["info-license", "security-defined"],
      renamed: ["ClientCredentials Auth0ClientCredentials", "Scope Auth0Scope"],
      unchecked: ["`unevaluatedProperties` PostTokenResponse403"],
      token: "json client_secret_post grant_type: client_credentials",
    },
  ],
  [
    "box",
    {
      roles: ["token POST /oauth2/token", "revocation POST /oauth2/revoke"],
      style: ["struct", "operation-4xx-response"],
      renamed: ["AccessToken BoxAccessToken"],
      token: "form client_secret_post",
    },
  ],
  [
    "claims",
    {
      roles: ["token POST components.pathItems.token", "introspection POST /connect/introspect"],
      style: ["info-license", "struct"],
      unchecked: ["the field constructor Prototype"],
      unknown: ["#/components/schemas/Json/oneOf/1/items", "#/components/schemas/Json/oneOf/2/additionalProperties"],
      token: "form client_secret_basic grant_type: client_credentials",
    },
  ],
  ["discord", {}],
  [
    "docusign",
    {
      roles: ["token POST /oauth/token"],
      style: ["info-license", "tag-description", "security-defined"],
      token: "form client_secret_basic grant_type: urn:ietf:params:oauth:grant-type:jwt-bearer",
    },
  ],
  [
    "ebay",
    {
      roles: ["token POST /oauth2/token"],
      style: ["info-license-strict", "operation-summary", "security-defined"],
      renamed: ["TokenResponse EBayTokenResponse"],
      token: "form client_secret_basic",
    },
  ],
  [
    "entra",
    {
      roles: ["token POST /{tenant}/oauth2/v2.0/token"],
      style: ["info-license", "security-defined"],
      unchecked: ["`not` Failure", "`if` PostTenantOauth2V20TokenRequest", "`dependentRequired` Token"],
      token: "form client_secret_post",
    },
  ],
  [
    "fedex",
    {
      roles: ["token POST /oauth/token"],
      style: ["info-license", "spec-components-invalid-map-name", "security-defined"],
      token: "form client_secret_post",
    },
  ],
  [
    "github",
    {
      roles: ["token POST /login/oauth/access_token"],
      style: ["security-defined"],
      token: "vnd.gh.v3+json client_secret_post grant_type: client_credentials, kind: app",
    },
  ],
  [
    "gluu",
    {
      roles: ["token POST /token", "introspection POST /introspection", "revocation POST /revoke"],
      style: ["no-server-trailing-slash", "operation-4xx-response", "security-defined"],
      token: "form client_secret_post",
    },
  ],
  [
    "hubspot",
    {
      roles: ["token POST /oauth/v3/token", "introspection POST /oauth/v3/token/introspect"],
      style: [
        "info-license",
        "tag-description",
        "operation-summary",
        "no-invalid-media-type-examples",
        "operation-4xx-response",
        "security-defined",
      ],
      renamed: ["Error AuthError"],
      token: "form client_secret_post grant_type: client_credentials",
    },
  ],
  [
    "keycloak",
    {
      roles: [
        "token POST /realms/{realm}/protocol/openid-connect/token",
        "introspection POST /realms/{realm}/protocol/openid-connect/token/introspect",
        "revocation POST /realms/{realm}/protocol/openid-connect/revoke",
      ],
      style: ["info-license", "operation-summary", "operation-4xx-response", "security-defined"],
      renamed: ["AccessToken KeycloakAccessToken"],
      token: "form client_secret_post",
    },
  ],
  [
    "mastodon",
    {
      roles: ["token POST /oauth/token", "revocation POST /oauth/revoke"],
      style: ["tag-description", "no-invalid-media-type-examples", "security-defined"],
      renamed: ["Error MastodonError"],
      token: "json client_secret_post",
    },
  ],
  [
    "okta",
    {
      roles: [
        "token POST /oauth2/v1/token",
        "introspection POST /oauth2/v1/introspect",
        "revocation POST /oauth2/v1/revoke",
      ],
      renamed: [
        "Error OktaError",
        "IntrospectionResponse OktaIntrospectionResponse",
        "TokenResponse OktaTokenResponse",
      ],
      token: "form client_secret_basic",
    },
  ],
  [
    "ory-hydra",
    {
      roles: [
        "token POST /oauth2/token",
        "introspection POST /admin/oauth2/introspect",
        "revocation POST /oauth2/revoke",
      ],
      style: ["info-license-strict", "operation-4xx-response", "security-defined"],
      token: "form client_secret_basic",
    },
  ],
  [
    "paypal",
    {
      roles: ["token POST /v1/oauth2/token"],
      style: ["info-license", "no-invalid-media-type-examples"],
      renamed: [
        "401 PayPal401",
        "Error PayPalError",
        "401DetailsItemOption1Issue PayPal401DetailsItemOption1Issue",
        "401Name PayPal401Name",
      ],
      token: "form client_secret_basic grant_type: client_credentials",
    },
  ],
  [
    "salesforce",
    {
      roles: [
        "token POST /services/oauth2/token",
        "introspection POST /services/oauth2/introspect",
        "revocation POST /services/oauth2/revoke",
      ],
      style: ["info-license", "operation-summary", "operation-4xx-response", "security-defined"],
      token: "form client_secret_post",
    },
  ],
  [
    "slack",
    {
      roles: ["token POST /oauth.v2.access"],
      style: ["info-license", "tag-description", "operation-summary", "operation-4xx-response"],
      token: "form client_secret_post",
    },
  ],
  ["spotify", {}],
  [
    "square",
    {
      roles: ["token POST /oauth2/token"],
      style: ["struct", "info-license", "operation-4xx-response"],
      renamed: ["Error SquareError"],
      token: "json client_secret_post",
    },
  ],
  [
    "stripe",
    {
      roles: ["token POST /oauth/token"],
      style: ["info-license", "no-server-trailing-slash", "operation-summary", "operation-4xx-response", "struct"],
      renamed: ["Error StripeError"],
      token: "form client_secret_post",
    },
  ],
  [
    "twilio",
    {
      roles: ["token POST /v2/token"],
      style: ["info-license", "tag-description", "struct"],
      token: "form client_secret_post",
    },
  ],
  [
    "ups-authorization-code",
    {
      roles: ["token POST /v1/oauth/token"],
      style: ["info-license", "operation-summary", "operation-4xx-response"],
      token: "form client_secret_basic",
    },
  ],
  [
    "ups-client-credentials",
    {
      roles: ["token POST /security/v1/oauth/token"],
      style: ["no-empty-servers", "info-license", "no-server-trailing-slash"],
      renamed: ["Error OAuthError"],
      token: "form client_secret_basic",
    },
  ],
  [
    "xero",
    {
      roles: ["token POST /connect/token", "revocation POST /connect/revocation"],
      style: ["operation-4xx-response", "security-defined"],
      renamed: ["AccessToken XeroAccessToken"],
      token: "form client_secret_basic",
    },
  ],
  [
    "zoom",
    {
      roles: ["token POST /oauth/token"],
      style: ["info-license"],
      renamed: ["TokenResponse ZoomTokenResponse"],
      token: "form client_secret_basic",
    },
  ],
])("%s is accepted in the first run, with the expected summary", async (name, expected) => {
  expect(summaryOf(await prepared(name))).toEqual(expected);
});

test.each(["discord", "spotify"])(
  "%s has no endpoint to call: only its scopes are generated, with a warning",
  async (name) => {
    const { warnings, outputs } = await prepared(name);
    expect(warnings.at(-1)).toMatch(/no operation looks like an endpoint of an authorization server/);
    expect(outputs.get("src/generated/endpoints.ts")).toMatch(/^export type Scope = \w+Scope;$/m);
  },
);

test("there are at least 25 descriptions", () => {
  expect(NAMES.length).toBeGreaterThanOrEqual(25);
});

/** The pages of a description, by the names of their files. */
async function pagesOf(name: string): Promise<Map<string, string>> {
  const { outputs } = await prepared(name);
  const pages = [...outputs].filter(([path]) => path.startsWith("docs/reference/"));
  return new Map(pages.map(([path, text]) => [path.replace("docs/reference/", ""), text]));
}

describe.each(NAMES)("the pages of %s", (name) => {
  test("show method, path, parameters, bodies and responses of every operation", async () => {
    const { fragment } = await prepared(name);
    const document = parse(fragment);
    const pages = [...(await pagesOf(name))].filter(([file]) => file.includes("-"));
    const index = (await pagesOf(name)).get("README.md");
    const operations = Object.entries<Any>(document.paths).flatMap(([path, own]) => {
      const item = own.$ref ? document.components.pathItems[own.$ref.split("/").at(-1)] : own;
      return Object.entries<Any>(item)
        .filter(([key]) => ["get", "post"].includes(key))
        .map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, item, operation }));
    });
    expect(pages.length).toBe(operations.length);
    for (const { title, item, operation } of operations) {
      const [file, page = ""] = pages.find(([, text]) => text.includes(`# ${title}\n`)) ?? [];
      expect(index).toContain(`[${title}](${file})`);
      expect(page).toContain("\n## Authentication\n");
      for (const parameter of [...(item.parameters ?? []), ...(operation.parameters ?? [])]) {
        const { name, in: place } = resolved(document, parameter);
        expect(page).toContain(`| \`${name}\` | ${place} |`);
      }
      for (const type of Object.keys(resolved(document, operation.requestBody ?? {}).content ?? {})) {
        expect(page).toContain(`| \`${type}\` | `);
      }
      for (const [status, response] of Object.entries<Any>(operation.responses)) {
        const types = Object.keys(resolved(document, response).content ?? {});
        for (const type of types) expect(page).toContain(`| \`${status}\` | \`${type}\` | `);
        if (types.length === 0) expect(page).toContain(`| \`${status}\` |`);
      }
    }
  });

  test("have a row for every field of a schema, and link only to pages that exist", async () => {
    const pages = await pagesOf(name);
    const { schemas = {} } = parse((await prepared(name)).fragment).components ?? {};
    for (const [file, page] of pages) {
      for (const [, target = ""] of page.matchAll(/\]\(([^):]+\.md)\)/g))
        expect([file, pages.has(target)]).toEqual([file, true]);
      const schema = schemas[file.replace(".md", "")];
      for (const field of Object.keys(schema?.properties ?? {})) expect(page).toContain(`| \`${field}\` |`);
    }
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a description holds anything.
type Any = any;

function resolved(document: Any, value: Any): Any {
  if (!value.$ref) return value;
  return value.$ref
    .split("/")
    .slice(1)
    .reduce((inner: Any, key: string) => inner[key], document);
}
