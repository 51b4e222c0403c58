// The table as one script for a page, its dedicated worker and its service worker, in sequence.

import { report } from "../like-fetch/entry.ts";
import type { Origins } from "../like-fetch/run-table.ts";

/** The message to a worker: the origins of the server, and the name of its report. */
interface Task {
  readonly origins: Origins;
  readonly name: string;
}

const version = /(?:Chrome|Firefox)\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? navigator.userAgent;
const script = "/browser.js";

async function runInPage(name: string): Promise<void> {
  const origins = (await (await fetch("/origins.json")).json()) as Origins;
  await report(origins, `${name} page`, version);

  const worker = new Worker(script);
  worker.postMessage({ origins, name: `${name} worker` } satisfies Task);
  await new Promise((resolve) => worker.addEventListener("message", resolve));

  const registration = await navigator.serviceWorker.register(script, { scope: "/nothing/" });
  const service = registration.installing ?? registration.waiting ?? registration.active;
  if (service?.state !== "activated") {
    await new Promise<void>((resolve) =>
      service?.addEventListener("statechange", () => service.state === "activated" && resolve()),
    );
  }
  service?.postMessage({ origins, name: `${name} service worker` } satisfies Task);
}

/** Reports an error of the page. */
function reportFailure(name: string, error: unknown): Promise<unknown> {
  return fetch(`/report/${name} page`, { method: "POST", body: JSON.stringify({ version, error: String(error) }) });
}

if ("document" in globalThis) {
  const name = new URLSearchParams(location.search).get("name") ?? "";
  runInPage(name).catch((error) => reportFailure(name, error));
} else {
  addEventListener("message", (event) => {
    const { origins, name } = (event as MessageEvent<Task>).data;
    const done = report(origins, name, version).then(() => "postMessage" in globalThis && postMessage("done"));
    // A service worker lives as long as its event.
    if ("waitUntil" in event) (event as unknown as { waitUntil(work: unknown): void }).waitUntil(done);
  });
}
