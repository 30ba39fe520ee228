// The team's pages: two members with their own browsers, without JavaScript, with a keyboard, and a site that cannot
// read them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { accessibilityFaults, htmlFaults, inContext, none, openBrowser, overflow, serveSite } from "./harness.mjs";

const residents = [
  ["Rosalind O’Neill", "rose@post.example"],
  ["محمد علي", "01632 960 111"],
  ["José García Márquez de la Fuente-Rodríguez and a name that goes on for longer than a phone is wide", "01632 960112"],
  ["Rosa", "rose@post.example"],
];

let browser, site, team;
before(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
  // It prints this address after the site's.
  const address = /Replies to your forms are at (\S+)\//;
  while (!address.test(site.said())) await new Promise((soon) => setTimeout(soon, 20));
  team = site.said().match(address)[1];
  for (const [name, contact] of residents) {
    await inContext(browser, { javaScriptEnabled: false }, async (page) => {
      await page.goto(`${site.origin}/api/chat`);
      await page.getByLabel("Your name").fill(name);
      await page.getByLabel("Phone number or email address").fill(contact);
      await page.locator("main button[type=submit]").click();
      assert.match(page.url(), /\/api\/chat\/thanks\?reference=/);
    });
  }
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const noScript = { javaScriptEnabled: false, viewport: { width: 320, height: 640 } };

/** Opens the list, enters the member's name, and opens a reply. */
async function openReply(page, member, name) {
  await page.goto(team);
  await page.getByLabel("Your name").fill(member);
  await page.locator("footer").getByRole("button").click();
  await page.getByRole("link", { name, exact: false }).first().click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

async function save(page, { state, note = "", takes = false }) {
  await page.getByLabel("State").selectOption(state);
  await page.getByLabel("Note").fill(note);
  if (takes) await page.getByRole("checkbox", { name: /Take over/ }).check();
  await page.getByRole("button", { name: "Save" }).click();
}

test("two members work at once, and the second keeps what they typed", async () => {
  await inContext(browser, noScript, async (asha) => {
    await inContext(browser, noScript, async (tom) => {
      await openReply(asha, "Asha Patel", "محمد علي");
      await openReply(tom, "Tom", "محمد علي");
      await save(asha, { state: "assigned", note: "Rings on Monday\nat ten" });
      assert.match(await asha.locator(".history").innerText(), /Asha Patel: new → assigned/);
      await save(tom, { state: "assigned", note: "I know him from the library" });
      assert.match(await tom.title(), /^Error: /);
      assert.match(await tom.getByRole("alert").innerText(), /Asha Patel has this reply since/);
      assert.equal(await tom.getByLabel("Note").inputValue(), "I know him from the library");
      await save(tom, { state: "assigned", note: "I know him from the library", takes: true });
      assert.match(await tom.locator(".history").innerText(), /taken over from Asha Patel/);
      await asha.getByRole("link", { name: "Mine" }).click();
      assert.match(await asha.locator("main").innerText(), /You have no open replies/);
    });
  });
});

test("a reply is found, claimed and closed with the keyboard alone", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await openReply(page, "Noor", "Rosa");
    await page.goto(`${team}/search`);
    await page.getByLabel(/Reference, email address/).focus();
    await page.keyboard.type("josé");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "1 result" }).waitFor();
    assert.equal(new URL(page.url()).search, "", "what is searched for must not be in the address");
    const found = page.locator(".replies a").first();
    await found.focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("State").focus();
    await page.keyboard.type("done");
    for (const key of ["Tab", "Tab", "Enter"]) await page.keyboard.press(key);
    await page.locator(".history").waitFor();
    assert.match(await page.locator(".history").innerText(), /Noor: new → done/);
    await page.getByRole("link", { name: "Closed" }).click();
    assert.match(await page.locator(".replies").innerText(), /José García/);
  });
});

test("every page is accessible and fits a narrow screen, in light and dark mode", async () => {
  const folder = mkdtempSync(join(tmpdir(), "daisychain-team-"));
  try {
    const faults = [];
    // Axe needs to run in the page, which its policy forbids.
    await inContext(browser, { bypassCSP: true, viewport: { width: 320, height: 640 } }, async (page) => {
      await openReply(page, "Asha", "Rosalind O’Neill");
      const reply = new URL(page.url()).pathname;
      const paths = ["/", "/?list=closed", "/?list=held", "/search", "/none", reply];
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        for (const path of paths) {
          await page.goto(team + path);
          faults.push(...(await accessibilityFaults(page)).map((fault) => `${path}, ${colorScheme}: ${fault}`));
          const { by, wide } = await overflow(page);
          if (by > 0) faults.push(`${path} is ${by} px too wide: ${wide}`);
        }
      }
      for (const [number, path] of paths.entries()) {
        const answer = await page.request.get(team + path);
        assert.ok((await answer.body()).length < 40_000, path);
        writeFileSync(join(folder, `${number}.html`), await answer.body());
      }
    });
    faults.push(...htmlFaults(folder));
    none(faults);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a script on the site, which is served by the same computer, reads nothing", async () => {
  await inContext(browser, {}, async (page) => {
    await page.goto(`${site.origin}/_daisy/`);
    const outcome = await page.evaluate(async (team) => {
      const read = async (options) => {
        try {
          const answer = await fetch(`${team}/`, options);
          return `${answer.type} ${await answer.text()}`;
        } catch {
          return "refused";
        }
      };
      const frame = document.createElement("iframe");
      frame.src = `${team}/`;
      document.body.append(frame);
      await new Promise((loaded) => frame.addEventListener("load", loaded));
      let framed = "refused";
      try {
        framed = frame.contentDocument?.body.innerText ?? "refused";
      } catch {
        // Another origin.
      }
      return [await read({}), await read({ mode: "no-cors" }), await read({ credentials: "include" }), framed];
    }, team);
    for (const seen of outcome) assert.doesNotMatch(seen, /Rosalind|O’Neill/);
  });
});
