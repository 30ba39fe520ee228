// What editors see while they write: saved files show automatically, errors are shown on the page until they are fixed.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  accessibilityFaults, inContext, kitchenSink, none, openBrowser, overflow, serveSite,
} from "./harness.mjs";

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

/** Opens the page, and waits until it is connected to the event stream. */
async function follow(page) {
  const events = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/_daisy/events");
  await page.goto(`${site.origin}/about/`);
  await events;
}

test("a saved file shows automatically", async () => {
  await inContext(browser, {}, async (page) => {
    await follow(page);
    writeFileSync(file, `${text}\n\nA sentence that was just saved.\n`);
    await page.getByText("A sentence that was just saved.").waitFor();
    writeFileSync(file, text);
    await page.getByText("A sentence that was just saved.").waitFor({ state: "detached" });
  });
});

test("an error is shown above the page with file and line until it is fixed", async () => {
  await inContext(browser, {}, async (page) => {
    await follow(page);
    const heading = await page.locator("h1").innerText();
    const broken = `${text}\n\nCome and [join us](volunteers.md) this spring.\n`;
    writeFileSync(file, broken);
    const line = broken.split("\n").findIndex((words) => words.includes("volunteers.md")) + 1;
    const message = page.getByText(new RegExp(`content/about\\.md:${line}\\b`));
    await message.first().waitFor();
    assert.match(await page.locator("body").innerText(), /volunteers\.md/);

    // Meanwhile, the last good page is shown.
    const good = await (await fetch(`${site.origin}/about/`)).text();
    assert.ok(good.includes(heading), "the last good page is not kept");

    writeFileSync(file, text);
    await message.first().waitFor({ state: "detached" });
    assert.equal(await page.locator("h1").innerText(), heading);
  });
});

test("a site with errors at the start is shown, with accessible errors, warnings and marks", async () => {
  const story = "---\ntitle: Tea\nsummary: Tea for all\ndraft: true\n---\n\nIt was ** lovely **.\n";
  const broken = "---\ntitle: Help\nwieght: 1\n---\n\nHow we help.\n";
  let help;
  const served = await serveSite(kitchenSink, (root) => {
    help = join(root, "content/privacy.md");
    writeFileSync(help, broken);
    writeFileSync(join(root, "content/stories/tea.md"), story);
  });
  try {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [320, 1280]) {
        const options = { bypassCSP: true, colorScheme, reducedMotion: "reduce", viewport: { width, height: 640 } };
        await inContext(browser, options, async (page) => {
          for (const path of ["/stories/tea/", "/privacy/", "/ur/stories/amina/"]) {
            await page.goto(`${served.origin}${path}`);
            await page.locator("#daisy-warnings summary").click();
            none(await accessibilityFaults(page), `${path} at ${width}, ${colorScheme}:`);
            assert.deepEqual(await overflow(page), { by: 0, wide: [] }, `${path} at ${width}, ${colorScheme}`);
          }
        });
      }
    }
    await inContext(browser, { javaScriptEnabled: false }, async (page) => {
      await page.goto(`${served.origin}/stories/tea/`);
      const errors = page.getByRole("alert");
      await errors.getByRole("heading", { name: "1 error" }).waitFor();
      await errors.getByText("content/privacy.md:3:1").waitFor();
      await page.getByText("Draft: this page is not on the published site.").waitFor();
      const warning = page.getByRole("region", { name: "Warnings" }).getByText("these asterisks are shown");
      assert.equal(await warning.isVisible(), false, "warnings are folded away");
      await page.getByText(/^\d+ warnings?, 1 on this page$/).click();
      await warning.waitFor();
      await page.goto(`${served.origin}/privacy/`);
      await page.getByRole("heading", { level: 1, name: "This page has errors" }).waitFor();
    });
    await inContext(browser, {}, async (page) => {
      await page.goto(`${served.origin}/privacy/`);
      await page.getByText("content/privacy.md:3:1").waitFor();
      writeFileSync(help, broken.replace("wieght", "weight"));
      await page.getByRole("heading", { level: 1, name: "Help" }).waitFor();
      assert.equal(await page.locator("#daisy-errors").isVisible(), false);
    });
  } finally {
    await served.stop();
  }
});
