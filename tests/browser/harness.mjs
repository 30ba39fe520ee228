// What every browser test stands on: the real `daisy` over a copy of the site, and Chromium. Starts processes, and
// ends each by its own id; nothing reaches beyond 127.0.0.1 and a temporary folder.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { accessSync, constants, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join, relative, resolve, sep } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const repository = resolve(fileURLToPath(import.meta.url), "../../..");
export const tools = join(repository, ".tools/npm");

const toolsRequire = createRequire(join(tools, "package.json"));
const { chromium } = toolsRequire("playwright-core");

/** The file of one of the pinned npm packages: `toolFile("axe-core/axe.min.js")`. */
export const toolFile = (path) => join(tools, "node_modules", path);

function onPath(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error(`none of ${names.join(", ")} is on the PATH; \`make tools\` installs it`);
}

/** The `daisy` under test: `DAISY`, or the one that `make test-programs` built. */
export const daisy = (() => {
  if (process.env.DAISY) return process.env.DAISY;
  const metadata = execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1", "--locked"], {
    cwd: repository,
    maxBuffer: 1 << 26,
  });
  const path = join(JSON.parse(metadata).target_directory, "debug/daisy");
  if (!existsSync(path)) throw new Error(`${path} is missing; run \`make test-programs\``);
  return path;
})();

/** The site that uses every feature once. */
export const kitchenSink = join(repository, "tests/sites/kitchen-sink");

/** A copy of a site in a temporary folder: what an editor has, without what was built or replied. */
export function copySite(from = repository) {
  const root = mkdtempSync(join(tmpdir(), "daisychain-site-"));
  for (const folder of ["content", "themes"]) {
    if (existsSync(join(from, folder))) cpSync(join(from, folder), join(root, folder), { recursive: true });
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Runs `daisy` to its end; gives what it said and its exit code. */
export function runDaisy(...words) {
  try {
    return { code: 0, said: execFileSync(daisy, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
  } catch (error) {
    return { code: error.status, said: `${error.stdout}${error.stderr}` };
  }
}

/** The site built into a temporary folder; `pages` are its HTML files, in order. */
export const buildSite = (...words) => buildFrom(repository, ...words);

/** Another site, built the same way. */
export function buildFrom(from, ...words) {
  const site = copySite(from);
  const out = join(site.root, "dist");
  const { code, said } = runDaisy("build", "--root", site.root, "--out", out, ...words);
  assert.equal(code, 0, `the site does not build:\n${said}`);
  return { ...site, out, pages: filesUnder(out).filter((path) => path.endsWith(".html")) };
}

/** Every file under a folder, as paths relative to it, in order. */
export function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .sort();
}

/** The address at which a built page is seen: `stories/rose/index.html` → `/stories/rose/`. */
export const addressOf = (path) => `/${path.replace(/(^|\/)index\.html$/, "$1")}`;

/**
 * `daisy serve` over a copy of a site, which `prepare` may change before it starts. `stop` ends it and removes the copy.
 */
export async function serveSite(from = repository, prepare = () => {}) {
  const site = copySite(from);
  prepare(site.root);
  const server = spawn(daisy, ["serve", "--root", site.root, "--port", "0"], {
    cwd: site.root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test that breaks off leaves no server behind.
  const endWithUs = () => server.kill("SIGKILL");
  process.once("exit", endWithUs);
  let said = "";
  server.stdout.on("data", (bytes) => (said += bytes));
  server.stderr.on("data", (bytes) => (said += bytes));
  const ended = new Promise((give) => server.once("exit", give));
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    // A server that ignores the request to end must not outlive the test.
    const late = setTimeout(() => server.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(late);
    process.removeListener("exit", endWithUs);
    site.remove();
  };

  // It says its address once it answers there.
  for (const deadline = Date.now() + PATIENCE; server.exitCode === null && Date.now() < deadline; await pause(20)) {
    const origin = said.match(/http:\/\/127\.0\.0\.1:\d+(?=\/)/)?.[0];
    if (origin) return { ...site, origin, stop, said: () => said };
  }
  await stop();
  throw new Error(`\`daisy serve\` did not come up:\n${said}`);
}

/** Chromium, alone: own profile, no call home. `more` are further command-line flags. */
export const openBrowser = (...more) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? onPath("chromium", "chromium-browser", "google-chrome"),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });

/** How long anything is waited for, in milliseconds. It is no measure of speed: it ends a test that would hang. */
const PATIENCE = 300_000;

/** Runs `look` in a fresh context with a page of its own, and closes both. */
export async function inContext(browser, options, look) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  try {
    return await look(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Fails with every fault on its own line; passes when there is none. */
export function none(faults, where = "") {
  if (faults.length > 0) assert.fail([where, ...faults].filter(Boolean).join("\n"));
}

/** How far the page is wider than its window, and what sticks out: the innermost parts that nothing clips. */
export const overflow = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const by = document.documentElement.scrollWidth - width;
    const clipped = (element) =>
      element !== document.body &&
      (getComputedStyle(element).overflowX !== "visible" || clipped(element.parentElement));
    const sticksOut = (element) => element.getBoundingClientRect().right > width + 1 && !clipped(element.parentElement);
    const wide = [...document.body.querySelectorAll(":not(svg, svg *)")]
      .filter((element) => sticksOut(element) && ![...element.children].some(sticksOut))
      .map((element) => element.cloneNode(false).outerHTML.slice(0, 90));
    return { by, wide: by > 0 ? wide.slice(0, 6) : [] };
  });

/** Axe's findings on the page as it stands, as lines a person can act on. */
export async function accessibilityFaults(page) {
  await page.addScriptTag({ path: toolFile("axe-core/axe.min.js") });
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "target-size": { enabled: true } },
      resultTypes: ["violations"],
    });
    return violations;
  });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}\n    ${html}\n    ${failureSummary}`),
  );
}

// Read from a disk, a page has no origin that 'self' could mean; and the checker takes a block of data for a script.
const UNTRUE = ".*violates Content Security Policy.*";

/** The Nu HTML checker's errors and warnings over files or folders; information is left out. */
export function htmlFaults(...paths) {
  const words = ["-jar", toolFile("vnu-jar/build/dist/vnu.jar"), "--skip-non-html", "--format", "json", "--exit-zero-always", "--filterpattern", UNTRUE];
  const report = execFileSync("sh", ["-c", 'exec java "$@" 2>&1', "java", ...words, ...paths], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return JSON.parse(report)
    .messages.filter(({ type, subType }) => type !== "info" || subType === "warning")
    .map(({ url, lastLine, message, extract }) => `${url}:${lastLine}: ${message}\n    ${extract ?? ""}`);
}
