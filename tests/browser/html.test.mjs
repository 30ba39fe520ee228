// Every built page, as the Nu HTML checker sees it: no error, no warning.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSite, htmlFaults, none } from "./harness.mjs";

let site;
before(() => {
  site = buildSite("--base-url", "https://connecting-for-good.test/");
});
after(() => site?.remove());

test("the Nu HTML checker finds nothing to say about any page", () => {
  assert.ok(site.pages.length > 0, "no page was built");
  none(htmlFaults(site.out));
});

test("the checker looks at pages in folders, and tells errors and warnings", () => {
  const page = join(site.out, "stories/rose/index.html");
  const html = readFileSync(page, "utf8");
  // An error, and what is only a warning: a section without a heading.
  for (const wrong of ["<p><div></p>", "<section></section>"]) {
    writeFileSync(page, html.replace("</main>", `${wrong}</main>`));
    assert.match(htmlFaults(site.out).join(), /rose\/index.html/, wrong);
  }
  writeFileSync(page, html);
});
