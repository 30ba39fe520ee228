// Each form with the keyboard only, with and without JavaScript: filled in, sent with errors, corrected, sent; confirming
// and leaving the newsletter. Then slow connections and large text.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inContext, openBrowser, overflow, serveSite } from "./harness.mjs";

let browser, site;
before(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const focused = (locator) => locator.evaluate((element) => element === document.activeElement);

/** Presses Tab until the element has the focus; fails if it never does. */
async function tabTo(page, locator) {
  for (let stops = 0; stops < 150; stops += 1) {
    if (await focused(locator)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail("the element is not reachable with the keyboard");
}

async function write(page, locator, words) {
  await tabTo(page, locator);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(words);
}

const formOf = (page, name) => page.locator(`form[action="/api/${name}"]`);

/** Presses the form's button; returns the status of the response. */
async function send(page, name) {
  await tabTo(page, formOf(page, name).getByRole("button"));
  const [answer] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === "POST"),
    page.waitForEvent("load"),
    page.keyboard.press("Enter"),
  ]);
  return answer.status();
}

/** Goes from the error summary to the first field that it links to. */
async function followFirstProblem(page) {
  const link = page.locator(".error-summary a").first();
  await tabTo(page, link);
  const target = await link.getAttribute("href");
  await page.keyboard.press("Enter");
  const field = page.locator(target);
  if (!(await focused(field))) await page.keyboard.press("Tab");
  assert.ok(await focused(field), `the link to ${target} does not lead there`);
}

const journeys = {
  newsletter: {
    at: "/news/",
    fail: async (page, form, mark) => write(page, form.getByLabel("Email address"), `rose${mark} at mail`),
    correct: async (page, form, mark) => write(page, form.getByLabel("Email address"), `rose${mark}@post.example`),
    thanks: "One more step: open our email",
  },
  volunteer: {
    at: "/volunteer/",
    fail: async (page, form, mark) => write(page, form.getByLabel("Your name"), `Rose ${mark}`),
    correct: async (page, form) => {
      await write(page, form.getByLabel("Phone number or email address"), "01632 960001");
      const yes = form.getByRole("group", { name: "Are you 18 or over?" }).getByLabel("Yes", { exact: true });
      await tabTo(page, yes);
      await page.keyboard.press("Space");
      const summary = form.locator("summary");
      await tabTo(page, summary);
      await page.keyboard.press("Enter");
      const driving = form.getByLabel("Driving");
      await tabTo(page, driving);
      await page.keyboard.press("Space");
      assert.ok(await driving.isChecked());
    },
    thanks: "Thank you for offering your help",
  },
  chat: {
    at: "/chat/",
    fail: async (page, form, mark) => {
      await write(page, form.getByLabel("Your name"), `Rose ${mark}`);
      await write(page, form.getByLabel("Phone number or email address"), "ring me");
    },
    correct: async (page, form, mark) => {
      await write(page, form.getByLabel("Phone number or email address"), "01632 960001");
      await write(page, form.getByLabel("Anything you’d like us to know"), `A line ${mark}`);
    },
    thanks: "Thank you. We will be in touch",
  },
};

for (const javaScriptEnabled of [false, true]) {
  const how = javaScriptEnabled ? "with JavaScript" : "without JavaScript";
  const mark = javaScriptEnabled ? "on" : "off";
  for (const [name, { at, fail, correct, thanks }] of Object.entries(journeys)) {
    test(`${name} with the keyboard only, ${how}`, async () => {
      await inContext(browser, { javaScriptEnabled }, async (page) => {
        await page.goto(site.origin + at);
        await fail(page, formOf(page, name), mark);
        assert.equal(await send(page, name), 422);
        await followFirstProblem(page);
        // Tab only goes forward, so go back to the top first.
        await page.keyboard.press("Control+Home");
        await page.locator("h1").first().evaluate((heading) => {
          heading.tabIndex = -1;
          heading.focus();
        });
        await correct(page, formOf(page, name), mark);
        assert.equal(await send(page, name), 303);
        assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), thanks);
        await page.locator(".thanks .reference").waitFor();
      });
    });
  }

  test(`the newsletter is confirmed and left with the keyboard only, ${how}`, async () => {
    await inContext(browser, { javaScriptEnabled }, async (page) => {
      for (const [step, done] of [
        ["confirm", "You will receive our latest news"],
        ["leave", "We have stopped sending you the news"],
      ]) {
        await page.goto(`${site.origin}/_daisy/outbox`);
        const letter = page.locator("article", { hasText: `rose${mark}@post.example` });
        await tabTo(page, letter.locator(`a[href*="/api/newsletter/${step}"]`).first());
        await page.keyboard.press("Enter");
        await page.waitForURL(`**/api/newsletter/${step}**`);
        const button = page.locator('form[method="post"] button');
        assert.equal(await button.count(), 1, "there is one button");
        await tabTo(page, button);
        await page.keyboard.press("Enter");
        await page.getByRole("heading", { level: 1, name: done }).waitFor();
      }
    });
  });
}

test("on slow 3G the thank-you page is complete within 2 seconds of the store's response", async (context) => {
  const [bitsPerSecond, roundTrip] = [400_000, 0.4];
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    const line = await page.context().newCDPSession(page);
    await line.send("Network.enable");
    await page.goto(`${site.origin}/chat/`);
    const form = formOf(page, "chat");
    await form.getByLabel("Your name").fill("Rose on a slow line");
    await form.getByLabel("Phone number or email address").fill("01632 960001");
    await line.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: roundTrip * 1000,
      downloadThroughput: bitsPerSecond / 8,
      uploadThroughput: bitsPerSecond / 8,
    });
    // After the store's response: each request of the thank-you page that is not cached.
    const kinds = new Map();
    const taken = [];
    line.on("Network.responseReceived", ({ requestId, type, response }) => {
      if (!response.fromDiskCache && !response.fromPrefetchCache) kinds.set(requestId, type);
    });
    line.on("Network.requestServedFromCache", ({ requestId }) => kinds.set(requestId, "cache"));
    line.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => taken.push({ requestId, encodedDataLength }));
    const stored = page.waitForResponse((answer) => answer.request().method() === "POST");
    await form.getByRole("button").click();
    assert.equal((await stored).status(), 303);
    const from = Date.now();
    await page.locator(".thanks .reference").waitFor();
    context.diagnostic(`measured, on this machine: ${Date.now() - from} ms`);
    await page.waitForLoadState();
    const needed = taken
      .map(({ requestId, encodedDataLength }) => ({ type: kinds.get(requestId), encodedDataLength }))
      .filter(({ type }) => ["Document", "Stylesheet", "Font"].includes(type));
    // The page, then its files in parallel. Calculated, because a busy machine is not a slow connection.
    const trips = needed.some(({ type }) => type !== "Document") ? 2 : 1;
    const bytes = needed.reduce((sum, { encodedDataLength }) => sum + encodedDataLength, 0);
    const seconds = trips * roundTrip + (bytes * 8) / bitsPerSecond;
    context.diagnostic(`${trips} round trips, ${bytes} bytes: ${seconds.toFixed(2)} s`);
    assert.ok(bytes > 0 && seconds <= 2, `${trips} round trips and ${bytes} bytes take ${seconds} s`);
  });
});

for (const [name, { at, fail, correct }] of Object.entries(journeys)) {
  test(`${name}, at 320 px with text twice as large: nothing is cut off, with errors or on the thank-you page`, async () => {
    const large = await openBrowser("--blink-settings=defaultFontSize=32,defaultFixedFontSize=26");
    try {
      await inContext(large, { viewport: { width: 320, height: 640 } }, async (page) => {
        const whole = async (what) => {
          assert.deepEqual(await overflow(page), { by: 0, wide: [] }, what);
          assert.deepEqual(await clipped(page), [], what);
          assert.deepEqual(await broken(page), [], what);
        };
        await page.goto(site.origin + at);
        await fail(page, formOf(page, name), "large");
        assert.equal(await send(page, name), 422);
        await whole("wrong");
        await correct(page, formOf(page, name), "large");
        assert.equal(await send(page, name), 303);
        // Use the widest possible reference.
        await page.locator(".thanks .reference").evaluate((reference) => (reference.textContent = "WMWQ-MWQW"));
        await whole("thanks");
      });
    } finally {
      await large.close();
    }
  });
}

/** Words in headings, questions and buttons that are broken across lines. */
const broken = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const part of document.querySelectorAll("main :is(h1, h2, .label, legend, button, summary)")) {
      if (part.closest(".trap")) continue;
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        for (const { 0: word, index } of walker.currentNode.data.matchAll(/\p{L}+/gu)) {
          const range = document.createRange();
          range.setStart(walker.currentNode, index);
          range.setEnd(walker.currentNode, index + word.length);
          const lines = new Set([...range.getClientRects()].map((rect) => Math.round(rect.top)));
          if (lines.size > 1) found.push(word);
        }
      }
    }
    return found;
  });

/** Elements that are smaller than their content and do not scroll. */
const clipped = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("main *")]
      .filter((element) => {
        // Single-line inputs scroll while typing.
        if (element.matches("input")) return false;
        const style = getComputedStyle(element);
        const hides = style.overflowX === "hidden" || style.overflowY === "hidden" || style.overflowX === "clip";
        const unseen = element.closest(".trap") || style.position === "absolute";
        return hides && !unseen && (element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1);
      })
      .map((element) => element.cloneNode(false).outerHTML.slice(0, 90)),
  );
