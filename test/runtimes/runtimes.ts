// Which runtimes run the table, and how each is started.

import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** How to start a runtime, and the names of its reports. */
export interface Runtime {
  readonly name: string;
  readonly reports: readonly string[];
  /** What must be installed. Without it the runtime is skipped, or fails in CI. */
  readonly needs?: string;
  /** The beginning of the version that it reports. */
  readonly version?: string;
  readonly command: (origins: readonly string[]) => readonly string[];
}

/** A version of a package on npm that brings a runtime. */
function fromNpm(name: string, spec: string, ...flags: string[]): Runtime {
  const program = (origins: readonly string[]) => [resolve("test/runtimes/dist/program.mjs"), name, ...origins];
  const version = spec.split("@")[1] ?? "";
  return { name, version, reports: [name], command: (origins) => ["npx", "-y", spec, ...flags, ...program(origins)] };
}

function browser(name: string, path: string, args: (profile: string, url: string) => string[]): Runtime {
  return {
    name,
    needs: path,
    reports: ["page", "worker", "service worker"].map((place) => `${name} ${place}`),
    command([origin]) {
      const profile = mkdtempSync(join(tmpdir(), `${name}-`));
      return [path, ...args(profile, `${origin}/page.html?name=${name}`)];
    },
  };
}

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-port=0",
];

/** Prevents requests for updates and extensions. */
const FIREFOX_PREFERENCES = [
  'user_pref("app.update.enabled", false);',
  'user_pref("browser.shell.checkDefaultBrowser", false);',
  'user_pref("datareporting.policy.dataSubmissionEnabled", false);',
  'user_pref("extensions.update.enabled", false);',
  'user_pref("network.captive-portal-service.enabled", false);',
  'user_pref("network.connectivity-service.enabled", false);',
  'user_pref("services.settings.server", "data:,");',
  'user_pref("toolkit.telemetry.enabled", false);',
].join("\n");

export const RUNTIMES: readonly Runtime[] = [
  fromNpm("node22", "node@22"),
  fromNpm("node24", "node@24"),
  fromNpm("node25", "node@25.9.0"),
  fromNpm("node26", "node@26"),
  fromNpm("bun", "bun"),
  fromNpm("deno", "deno", "run", "--allow-all"),
  browser("chromium", "/usr/bin/chromium", (profile, url) => [...CHROMIUM_FLAGS, `--user-data-dir=${profile}`, url]),
  browser("firefox", "/usr/bin/firefox-esr", (profile, url) => {
    writeFileSync(join(profile, "user.js"), FIREFOX_PREFERENCES);
    return ["--headless", "--no-remote", "--profile", profile, url];
  }),
];

export const isThere = ({ needs }: Runtime): boolean => needs === undefined || existsSync(needs);
