// Checks a site that uses every feature with the Nu HTML checker, axe and a browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  accessibilityFaults, addressOf, buildFrom, htmlFaults, inContext, kitchenSink, none, openBrowser, overflow, serveSite,
} from "./harness.mjs";

// A redirecting page is gone before it can be checked.
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

/** Checks every page, and reports all problems together, by address. */
async function onEveryPage(page, look) {
  const wrong = [];
  for (const address of addresses) {
    await page.goto(site.origin + address);
    for (const fault of await look(page)) wrong.push(`${address}: ${fault}`);
  }
  none(wrong);
}

test("every kind of page exists", () => {
  for (const address of [...passing, "/", "/everything/", "/components/", "/stories/page/2/", "/tags/neighbours/page/2/", "/ur/", "/ur/stories/amina/", "/pa/stories/rose/", "/ur/stories/rose/", "/pl/our-team/", "/pictures/", "/somewhere/else/", "/people/tom/", "/404.html"]) {
    assert.ok(built.pages.map(addressOf).includes(address), `no page has the address ${address}`);
  }
});

test("the Nu HTML checker finds no problems on any page", () => {
  none(htmlFaults(built.out));
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no problems on any page, ${colorScheme}`, async () => {
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

test("pages load nothing from other hosts, and their policy blocks nothing that they load", async () => {
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

test("untranslated text is aligned to one edge on a page with the opposite direction", async () => {
  for (const viewport of [{ width: 320, height: 640 }, { width: 1280, height: 800 }]) {
    await inContext(browser, { viewport, javaScriptEnabled: false }, async (page) => {
      await page.goto(`${site.origin}/ur/stories/rose/`);
      assert.equal(await page.getAttribute("html", "dir"), "rtl");
      const edges = await page.$$eval(".words > h1, .telling > :is(h2, p)", (all) =>
        all.map((each) => Math.round(each.getBoundingClientRect().left)),
      );
      assert.ok(edges.length > 3);
      assert.deepEqual([...new Set(edges)], [edges[0]], `at ${viewport.width} px`);
      const chain = await page.$eval(".telling > .wrap .chain", (each) => each.getBoundingClientRect());
      assert.ok(chain.right > viewport.width / 2, "the chain stays on the page's side");
    });
  }
});

test("the language switcher works without JavaScript and leads to the same page", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(`${site.origin}/pa/stories/rose/`);
    const here = page.locator(".languages [aria-current]");
    assert.deepEqual([await here.textContent(), await here.getAttribute("lang")], ["ਪੰਜਾਬੀ", "pa"]);
    await page.locator(".languages").getByText("اردو").click();
    assert.equal(new URL(page.url()).pathname, "/ur/stories/rose/");
    assert.match(await page.textContent(".untranslated"), /اردو/);
    await page.locator(".languages").getByText("English").click();
    assert.equal(new URL(page.url()).pathname, "/stories/rose/");
    assert.equal(await page.locator(".untranslated").count(), 0);
  });
});

test("code is legible with forced colours", async () => {
  await inContext(browser, { forcedColors: "active" }, async (page) => {
    await page.goto(`${site.origin}/everything/`);
    const borders = await page.evaluate(() => getComputedStyle(document.querySelector("main pre")).borderTopStyle);
    assert.equal(borders, "solid");
  });
});
