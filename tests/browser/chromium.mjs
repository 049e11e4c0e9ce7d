// A headless Chromium of its own for a test.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Loads a package that is installed for these tests. */
export const installed = createRequire(join(resolve(required("ROLLBOOK_BROWSER_DIR")), "package.json"));

const { chromium } = installed("playwright-core");

/** What keeps Chromium to this machine and lets it run as root. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** A page, and its browser's context, both gone after the test. */
export async function browser(t) {
  const profile = mkdtempSync(join(tmpdir(), "rollbook-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.ROLLBOOK_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
  });
  t.after(async () => {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  return { context, page: context.pages()[0] ?? (await context.newPage()) };
}

/** Serves on a free port of this machine until the test ends; answers the origin. */
export async function serve(t, server) {
  await new Promise((ready) => server.listen(0, "localhost", ready));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  });
  return `http://localhost:${server.address().port}`;
}

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}
