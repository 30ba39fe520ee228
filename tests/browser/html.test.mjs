// Every built page, as the Nu HTML checker sees it: no error, no warning.

import assert from "node:assert/strict";
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
