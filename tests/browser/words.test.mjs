// The built home page has the campaign's whole text in order, and its name in real capitals.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inContext, openBrowser, repository, serveSite } from "./harness.mjs";

let browser, site;
before(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

// Quotation marks and dashes come from the theme; white space does not matter.
const plain = (text) =>
  text.replace(/[‘’]/g, "'").replace(/[“”"]/g, "").replace(/[–—]/g, "-").replace(/\s+/g, " ").trim();

// On the page, a quotation's signature is separate and needs no dash or full stop.
const signed = /^(“.*["”]) [-–—] (.*)\.$/;

const passages = readFileSync(join(repository, "tests/campaign.txt"), "utf8")
  .split("\n")
  .flatMap((line) => line.match(signed)?.slice(1) ?? [line])
  .map(plain)
  .filter(Boolean);

test("the home page has the campaign's whole text in order", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(site.origin);
    const words = plain(await page.locator("body").innerText());
    let from = 0;
    for (const passage of passages) {
      const at = words.indexOf(passage, from);
      assert.notEqual(at, -1, `not said, or out of its place: ${passage}\n\nafter: …${words.slice(Math.max(0, from - 80), from)}`);
      from = at + passage.length;
    }
  });
});

test("the campaign's name is a single text in real capitals", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(site.origin);
    assert.equal(await page.locator("h1").count(), 1);
    const parts = await page.locator("h1").evaluate((heading) => [...heading.childNodes].map((node) => [node.nodeType, node.nodeValue]));
    assert.deepEqual(parts, [[3, "CommUNITY is not just for pandemics"]]);
  });
});
