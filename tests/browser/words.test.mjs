// The campaign's words: the built home page says them entire and in order, and says its name in real capitals.

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

// Quotation marks and dashes are the theme's to draw, and white space is the screen's.
const plain = (text) =>
  text.replace(/[‘’]/g, "'").replace(/[“”"]/g, "").replace(/[–—]/g, "-").replace(/\s+/g, " ").trim();

// A quotation's signature stands apart from it on the page, where it needs neither dash nor stop.
const signed = /^(“.*["”]) [-–—] (.*)\.$/;

const passages = readFileSync(join(repository, "tests/campaign.txt"), "utf8")
  .split("\n")
  .flatMap((line) => line.match(signed)?.slice(1) ?? [line])
  .map(plain)
  .filter(Boolean);

test("the home page says the campaign's words, entire and in order", async () => {
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

test("the campaign's name is one text in real capitals", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(site.origin);
    assert.equal(await page.locator("h1").count(), 1);
    const parts = await page.locator("h1").evaluate((heading) => [...heading.childNodes].map((node) => [node.nodeType, node.nodeValue]));
    assert.deepEqual(parts, [[3, "CommUNITY is not just for pandemics"]]);
  });
});
