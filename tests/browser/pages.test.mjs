// Checks every page on a small screen, with large text, in dark mode, with a keyboard, and printed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessibilityFaults, addressOf, buildSite, inContext, none, openBrowser, overflow, serveSite } from "./harness.mjs";

const small = { viewport: { width: 320, height: 640 }, javaScriptEnabled: false };
const known = [
  "/", "/volunteer/", "/chat/", "/news/", "/stories/", "/stories/rose/",
  "/about/", "/help/", "/privacy/", "/accessibility/", "/404.html",
];

let browser, site, addresses;
before(async () => {
  const built = buildSite();
  addresses = built.pages.map(addressOf);
  built.remove();
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Checks every page, and reports all problems together, by address. */
async function onEveryPage(page, look) {
  const wrong = [];
  for (const address of addresses) {
    await page.goto(site.origin + address);
    for (const fault of await look(address)) wrong.push(`${address}: ${fault}`);
  }
  none(wrong);
}

const asFault = ({ by, wide }) => (by > 0 ? [`scrolls sideways by ${by} px: ${wide.join(", ")}`] : []);

test("well-known pages exist", () => {
  none(known.filter((address) => !addresses.includes(address)), "missing:");
});

test("an unknown address shows the page for it", async () => {
  await inContext(browser, small, async (page) => {
    const response = await page.goto(`${site.origin}/nowhere/`);
    assert.equal(response.status(), 404);
    assert.equal(await page.locator("h1").count(), 1);
    assert.ok((await page.locator("main a[href]").count()) > 0, "the page for an unknown address has no links");
  });
});

test("the text of the hero does not overlap the daisy's petals", async () => {
  const widths = [320, 600, 768, 960, 1024, 1216, 1280, 1440, 1920];
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(`${site.origin}/`);
    const wrong = [];
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      const words = await page.evaluate(() => {
        const daisy = [...document.querySelectorAll(".hero .bloom.first")].map((each) => each.getBoundingClientRect()).find((box) => box.width > 0);
        const [across, down, radius] = [(daisy.left + daisy.right) / 2, (daisy.top + daisy.bottom) / 2, daisy.width / 2];
        const near = (low, high, point) => Math.max(low - point, 0, point - high);
        return [...document.querySelectorAll(".hero h1, .hero p")].flatMap((element) => {
          const range = document.createRange();
          range.selectNodeContents(element);
          return [...range.getClientRects()]
            .filter((line) => Math.hypot(near(line.left, line.right, across), near(line.top, line.bottom, down)) < radius)
            .map(() => element.textContent.trim());
        });
      });
      for (const word of words) wrong.push(`${width} px: ${word}`);
    }
    none(wrong);
  });
});

describe("on a small screen", () => {
  test("no page is wider than 320 px", async () => {
    await inContext(browser, small, (page) => onEveryPage(page, async () => asFault(await overflow(page))));
  });

  test("no page is wider than 320 px when text is twice as large", async () => {
    const large = await openBrowser("--blink-settings=defaultFontSize=32,defaultFixedFontSize=26");
    try {
      await inContext(large, small, (page) =>
        onEveryPage(page, async () => {
          const size = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
          const kept = parseFloat(size) >= 32 ? [] : [`the reader's text size is overruled: ${size}`];
          return [...kept, ...asFault(await overflow(page))];
        }),
      );
    } finally {
      await large.close();
    }
  });
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no problems on any page, ${colorScheme}`, async () => {
    // Axe is injected, which the site's Content-Security-Policy forbids.
    const options = { bypassCSP: true, colorScheme, reducedMotion: "reduce" };
    await inContext(browser, options, (page) => onEveryPage(page, () => accessibilityFaults(page)));
    await inContext(browser, { ...options, viewport: small.viewport }, (page) => onEveryPage(page, () => accessibilityFaults(page)));
  });
}

describe("with the keyboard only", () => {
  const focused = (page) =>
    page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const outlined = (each) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(each);
        return outlineStyle !== "none" && outlineWidth !== "0px";
      };
      // A card has the outline of its focused link.
      const around = [];
      for (let each = element; each; each = each.parentElement) around.push(each);
      return {
        place: [...document.querySelectorAll("*")].indexOf(element),
        what: element.outerHTML.slice(0, 120),
        href: element.getAttribute("href"),
        seen: around.some(outlined) || getComputedStyle(element).boxShadow !== "none",
      };
    });

  test("the first link skips to the content, and the next is inside it", async () => {
    await inContext(browser, { javaScriptEnabled: false }, (page) =>
      onEveryPage(page, async () => {
        await page.keyboard.press("Tab");
        const skip = await focused(page);
        if (!skip?.href?.startsWith("#")) return [`the first stop is no skip link: ${skip?.what}`];
        await page.keyboard.press("Enter");
        await page.keyboard.press("Tab");
        return page.evaluate((target) => {
          const main = document.querySelector("main");
          const start = document.querySelector(target);
          if (!start || !(main.contains(start) || start.contains(main))) return [`${target} is not the content`];
          const stop = document.activeElement;
          const order = start.compareDocumentPosition(stop);
          const onwards = stop === document.body || order & (Node.DOCUMENT_POSITION_FOLLOWING | Node.DOCUMENT_POSITION_CONTAINED_BY);
          return onwards ? [] : [`after the skip link comes ${stop.outerHTML.slice(0, 120)}`];
        }, skip.href);
      }),
    );
  });

  test("Tab follows the reading order on every page, with a visible focus", async () => {
    await inContext(browser, { javaScriptEnabled: false }, (page) =>
      onEveryPage(page, async () => {
        const wrong = [];
        let last = -1;
        for (let stops = 0; stops < 200; stops += 1) {
          await page.keyboard.press("Tab");
          const stop = await focused(page);
          // The focus has left the page or is back at the top.
          if (!stop || stop.place <= last) {
            if (stop && stops > 0 && !stop.href?.startsWith("#")) wrong.push(`goes back to ${stop.what}`);
            break;
          }
          if (!stop.seen) wrong.push(`cannot be seen in focus: ${stop.what}`);
          last = stop.place;
        }
        return wrong;
      }),
    );
  });
});

describe("printed", () => {
  test("every page can be printed, with its heading", async () => {
    await inContext(browser, { javaScriptEnabled: false }, (page) =>
      onEveryPage(page, async () => {
        await page.emulateMedia({ media: "print" });
        const wrong = (await page.locator("h1").isVisible()) ? [] : ["the heading is not printed"];
        const paper = await page.pdf({ format: "A4" });
        if (paper.subarray(0, 5).toString() !== "%PDF-") wrong.push("is no PDF");
        return wrong;
      }),
    );
  });
});
