// Prints one line for each check: its name, its result, and how long it took. A failed check does not stop the others.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

const NAME_WIDTH = 52;
/** The maximum length of a result on its line. */
const MAX_FOUND = 100;

/** Runs one check, which returns its result. */
export async function row(name: string, check: () => Promise<string> | string): Promise<void> {
  const begun = performance.now();
  const print = (mark: string, found: string) => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${mark}  ${name.padEnd(NAME_WIDTH)} ${seconds.padStart(5)} s  ${found}`);
  };
  try {
    print("ok  ", shortened(await check()));
  } catch (error) {
    print("FAIL", "");
    // Lines of bundled code are long.
    console.log(String(error).replaceAll(/^(.{200}).+$/gm, "$1 …"));
    process.exitCode = 1;
  }
}

/** Runs two checks at a time, as a small machine has two processors. */
export async function rows(checks: readonly (readonly [name: string, check: () => Promise<string>])[]): Promise<void> {
  const queue = checks.values();
  const work = async () => {
    for (const [name, check] of queue) await row(name, check);
  };
  await Promise.all([work(), work()]);
}

/** Runs a program and returns what it prints. */
export async function run(cwd: string, command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  if (code === 0) return out;
  throw new Error(`\`${command} ${args.join(" ")}\` failed:\n${out}${err}`);
}

function shortened(found: string): string {
  const line = found.trim().replaceAll(/\s+/g, " ");
  return line.length > MAX_FOUND ? `${line.slice(0, MAX_FOUND)} …` : line;
}
