// A site that uses every feature once, as the Nu HTML checker, axe and residents meet it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessibilityFaults, addressOf, buildFrom, htmlFaults, inContext, kitchenSink, none, openBrowser, overflow, serveSite,
} from "./harness.mjs";

// A page that leads on is gone before anyone can look at it.
const passing = ["/help-out/", "/old/volunteer.html"];

let browser, built, site, addresses;
before(async () => {
  built = buildFrom(kitchenSink);
  addresses = built.pages.map(addressOf).filter((address) => !passing.includes(address));
  [browser, site] = await Promise.all([openBrowser(), serveSite(kitchenSink)]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
  built?.remove();
});

/** Looks at every page in turn; all that is wrong is told at once, by address. */
async function onEveryPage(page, look) {
  const wrong = [];
  for (const address of addresses) {
    await page.goto(site.origin + address);
    for (const fault of await look(page)) wrong.push(`${address}: ${fault}`);
  }
  none(wrong);
}

test("every kind of page is there", () => {
  for (const address of [...passing, "/", "/everything/", "/components/", "/stories/page/2/", "/tags/neighbours/page/2/", "/ur/", "/ur/stories/amina/", "/404.html"]) {
    assert.ok(built.pages.map(addressOf).includes(address), `no page has the address ${address}`);
  }
});

test("the Nu HTML checker finds nothing to say about any page", () => {
  none(htmlFaults(built.out));
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing on any page, ${colorScheme}`, async () => {
    const options = { bypassCSP: true, colorScheme, reducedMotion: "reduce" };
    await inContext(browser, options, (page) => onEveryPage(page, accessibilityFaults));
  });
}

test("no page is wider than 320 px", async () => {
  await inContext(browser, { viewport: { width: 320, height: 640 }, javaScriptEnabled: false }, (page) =>
    onEveryPage(page, async () => {
      const { by, wide } = await overflow(page);
      return by > 0 ? [`scrolls sideways by ${by} px: ${wide.join(", ")}`] : [];
    }),
  );
});

test("a page asks no other host for anything, and its policy stops nothing that it asks for", async () => {
  await inContext(browser, {}, async (page) => {
    const wrong = [];
    page.on("request", (request) => {
      if (!request.url().startsWith(site.origin)) wrong.push(`asked for ${request.url()}`);
    });
    page.on("console", (message) => {
      if (message.type() === "error") wrong.push(message.text());
    });
    await onEveryPage(page, async () => wrong.splice(0));
  });
});

test("code stays legible where colours are forced", async () => {
  await inContext(browser, { forcedColors: "active" }, async (page) => {
    await page.goto(`${site.origin}/everything/`);
    const borders = await page.evaluate(() => getComputedStyle(document.querySelector("pre")).borderTopStyle);
    assert.equal(borders, "solid");
  });
});
