// Shared by all browser tests: runs the real `daisy` with a copy of the site, and Chromium. Only uses 127.0.0.1 and a
// temporary folder, and ends the processes that it starts.

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

/** The path of a file in a pinned npm package: `toolFile("axe-core/axe.min.js")`. */
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

/** A site that uses every feature. */
export const kitchenSink = join(repository, "tests/sites/kitchen-sink");

/** Copies a site's sources to a temporary folder. */
export function copySite(from = repository) {
  const root = mkdtempSync(join(tmpdir(), "daisychain-site-"));
  for (const folder of ["content", "themes"]) {
    if (existsSync(join(from, folder))) cpSync(join(from, folder), join(root, folder), { recursive: true });
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Runs `daisy` until it ends; returns its output and exit code. */
export function runDaisy(...words) {
  try {
    return { code: 0, said: execFileSync(daisy, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
  } catch (error) {
    return { code: error.status, said: `${error.stdout}${error.stderr}` };
  }
}

/** Builds the campaign in a temporary folder; `pages` are its HTML files, sorted. */
export const buildSite = (...words) => buildFrom(repository, ...words);

/** Builds another site in the same way. */
export function buildFrom(from, ...words) {
  const site = copySite(from);
  const out = join(site.root, "dist");
  const { code, said } = runDaisy("build", "--root", site.root, "--out", out, ...words);
  assert.equal(code, 0, `the site does not build:\n${said}`);
  return { ...site, out, pages: filesUnder(out).filter((path) => path.endsWith(".html")) };
}

/** The files in a folder and its subfolders, as sorted relative paths. */
export function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)).split(sep).join("/"))
    .sort();
}

/** The address of a built page: `stories/rose/index.html` → `/stories/rose/`. */
export const addressOf = (path) => `/${path.replace(/(^|\/)index\.html$/, "$1")}`;

/**
 * Starts `daisy serve` with a copy of a site, which `prepare` can change first. `stop` ends it and deletes the copy.
 */
export async function serveSite(from = repository, prepare = () => {}) {
  const site = copySite(from);
  prepare(site.root);
  const server = spawn(daisy, ["serve", "--root", site.root, "--port", "0"], {
    cwd: site.root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // End the server even if a test is interrupted.
  const killServer = () => server.kill("SIGKILL");
  process.once("exit", killServer);
  let said = "";
  server.stdout.on("data", (bytes) => (said += bytes));
  server.stderr.on("data", (bytes) => (said += bytes));
  const ended = new Promise((give) => server.once("exit", give));
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) server.kill("SIGTERM");
    // Kill a server that ignores SIGTERM.
    const late = setTimeout(() => server.kill("SIGKILL"), TIMEOUT_MS);
    await ended;
    clearTimeout(late);
    process.removeListener("exit", killServer);
    site.remove();
  };

  // It prints its address once it accepts requests.
  for (const deadline = Date.now() + TIMEOUT_MS; server.exitCode === null && Date.now() < deadline; await pause(20)) {
    const origin = said.match(/http:\/\/127\.0\.0\.1:\d+(?=\/)/)?.[0];
    if (origin) return { ...site, origin, stop, said: () => said };
  }
  await stop();
  throw new Error(`\`daisy serve\` did not start:\n${said}`);
}

/** Starts Chromium with its own profile and no background requests. `more` are further command-line flags. */
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

/** The time limit for everything, in milliseconds. It only ends tests that hang. */
const TIMEOUT_MS = 300_000;

/** Runs `look` with a page in a new browser context, then closes both. */
export async function inContext(browser, options, look) {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(TIMEOUT_MS);
  try {
    return await look(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Fails if there are faults, listing each on its own line. */
export function none(faults, where = "") {
  if (faults.length > 0) assert.fail([where, ...faults].filter(Boolean).join("\n"));
}

/** By how much the page is wider than its window, and the innermost elements that overflow and are not clipped. */
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

/** Axe's findings on the current page, as readable lines. */
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

// Findings that are wrong: a file has no origin for 'self', and the checker treats data blocks as scripts.
const FALSE_POSITIVES = ".*violates Content Security Policy.*";

/** The Nu HTML checker's errors and warnings for files or folders. */
export function htmlFaults(...paths) {
  const words = ["-jar", toolFile("vnu-jar/build/dist/vnu.jar"), "--skip-non-html", "--format", "json", "--exit-zero-always", "--filterpattern", FALSE_POSITIVES];
  const report = execFileSync("sh", ["-c", 'exec java "$@" 2>&1', "java", ...words, ...paths], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return JSON.parse(report)
    .messages.filter(({ type, subType }) => type !== "info" || subType === "warning")
    .map(({ url, lastLine, message, extract }) => `${url}:${lastLine}: ${message}\n    ${extract ?? ""}`);
}
