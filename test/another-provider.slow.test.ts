// In a copy of the whole repository: another provider by the steps of `docs/spec-changes.md`, with no edit outside of its one folder.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
