// What an editor sees while they write: a saved file shows by itself, a mistake is told on the page, and goes again.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inContext, openBrowser, serveSite } from "./harness.mjs";

let browser, site, file, text;
before(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
  file = join(site.root, "content/about.md");
  text = readFileSync(file, "utf8");
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Opens the page, and waits until it hears of changes. */
async function follow(page) {
  const events = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/_daisy/events");
  await page.goto(`${site.origin}/about/`);
  await events;
}

test("a saved file shows by itself", async () => {
  await inContext(browser, {}, async (page) => {
    await follow(page);
    writeFileSync(file, `${text}\n\nA sentence that was just saved.\n`);
    await page.getByText("A sentence that was just saved.").waitFor();
    writeFileSync(file, text);
    await page.getByText("A sentence that was just saved.").waitFor({ state: "detached" });
  });
});

test("a mistake is told over the page by file and line, and goes when it is mended", async () => {
  await inContext(browser, {}, async (page) => {
    await follow(page);
    const heading = await page.locator("h1").innerText();
    const broken = `${text}\n\nCome and [join us](volunteers.md) this spring.\n`;
    writeFileSync(file, broken);
    const line = broken.split("\n").findIndex((words) => words.includes("volunteers.md")) + 1;
    const told = page.getByText(new RegExp(`content/about\\.md:${line}\\b`));
    await told.first().waitFor();
    assert.match(await page.locator("body").innerText(), /volunteers\.md/);

    // Whoever looks in meanwhile sees the last page that was good.
    const good = await (await fetch(`${site.origin}/about/`)).text();
    assert.ok(good.includes(heading), "the last good page is not kept");

    writeFileSync(file, text);
    await told.first().waitFor({ state: "detached" });
    assert.equal(await page.locator("h1").innerText(), heading);
  });
});
