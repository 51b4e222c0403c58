// What a row of the table says of a description.

import type { Prepared } from "../../scripts/update-spec/prepare.ts";

/** What is empty is left out. */
export interface Summary {
  /** The detected roles: `token POST /oauth2/token`. */
  readonly roles?: readonly string[];
  /** How the token endpoint is called, with the fields of each request: `form client_secret_basic kind: app`. */
  readonly token?: string;
  /** The rules of style that it breaks. */
  readonly style?: readonly string[];
  /** Names that are taken, and what is called so instead. */
  readonly renamed?: readonly string[];
  /** Why schemas have no check. */
  readonly unchecked?: readonly string[];
  /** Where schemas are themselves. */
  readonly unknown?: readonly string[];
}

export function summaryOf({ warnings, outputs, detected }: Prepared): Summary {
  const found = (pattern: RegExp) =>
    warnings.flatMap((warning) => {
      const [, ...groups] = pattern.exec(warning) ?? [];
      return groups.length > 0 ? [groups.join(" ")] : [];
    });
  const roles = [...detected.matchAll(/target: "?\$\.(\S+)\.(\w+)"?\n.*\n +\S+: (.*)/g)].map(
    ([, place = "", method = "", role]) =>
      `${role} ${method.toUpperCase()} ${place.replace(/^paths\['(.*)'\]$/, "$1")}`,
  );
  const endpoint = /tokenEndpoint = \{(.*?)\} as const/s.exec(outputs.get("src/generated/endpoints.ts") ?? "")?.[1];
  const fields = /fields: \{ (.*) \}/.exec(endpoint ?? "")?.[1]?.replaceAll('"', "") ?? "";
  const [, mediaType = ""] = /mediaType: "\w+\/(?:x-www-)?(.*?)(?:-urlencoded)?"/.exec(endpoint ?? "") ?? [];
  const [, authentication = ""] = /clientAuthentication: "(.*)"/.exec(endpoint ?? "") ?? [];
  const token = [mediaType, authentication, fields].filter(Boolean).join(" ");
  const all = {
    roles,
    style: found(/\(([a-z0-9-]+)(?:, and \d+ more)?\)$/),
    renamed: found(/cannot have the name (.*): it is called (.*)/),
    unchecked: found(/found (.*), expected .*: (.*) has no check/),
    unknown: found(/(#\S+) found a circular schema/),
  };
  const some = Object.entries(all).filter(([, list]) => list.length > 0);
  return { ...Object.fromEntries(some), ...(token && { token }) };
}
