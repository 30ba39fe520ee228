// The Nu HTML checker finds no errors or warnings on any built page.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSite, htmlFaults, none } from "./harness.mjs";

let site;
before(() => {
  site = buildSite("--base-url", "https://connecting-for-good.test/");
});
after(() => site?.remove());

test("the Nu HTML checker finds no problems on any page", () => {
  assert.ok(site.pages.length > 0, "no page was built");
  none(htmlFaults(site.out));
});

test("the checker reads pages in folders, and reports errors and warnings", () => {
  const html = readFileSync(join(site.out, "stories/rose/index.html"), "utf8");
  const folder = mkdtempSync(join(tmpdir(), "daisychain-wrong-"));
  try {
    // An error, and a warning: a section without a heading.
    const wrong = { error: "<p><div></p>", warning: "<section></section>", none: "" };
    for (const [name, part] of Object.entries(wrong)) {
      mkdirSync(join(folder, "stories", name), { recursive: true });
      writeFileSync(join(folder, "stories", name, "index.html"), html.replace("</main>", `${part}</main>`));
    }
    const faults = htmlFaults(folder);
    const found = Object.keys(wrong).filter((name) => faults.some((fault) => fault.includes(`stories/${name}/index.html`)));
    assert.deepEqual(found, ["error", "warning"]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
