// Each form without JavaScript: from the home page to the form, sent with errors, corrected, thanked for, and stored.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { accessibilityFaults, filesUnder, htmlFaults, inContext, none, openBrowser, overflow, serveSite } from "./harness.mjs";

const forms = [
  {
    name: "newsletter",
    at: "/",
    wrong: { texts: { "Email address": "amina at mail" } },
    corrected: { texts: { "Email address": "amina@post.example" } },
    kept: ["amina@post.example"],
  },
  {
    name: "volunteer",
    at: "/volunteer/",
    wrong: { texts: { "Your name": "Amina <b>O'Neill</b> & daughters" }, open: true },
    corrected: { texts: { "Phone number or email address": "01632 960001" }, choices: { "Are you 18 or over?": "Yes" } },
    kept: ["Amina <b>O'Neill</b> & daughters", "01632 960001", "second line, with “quotes”"],
  },
  {
    name: "chat",
    at: "/chat/",
    wrong: { texts: { "Your name": "عائشة", "Phone number or email address": "ring me" } },
    corrected: { texts: { "Phone number or email address": "aisha@post.example" } },
    kept: ["عائشة", "aisha@post.example"],
  },
];

let browser, site;
before(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const formOf = (page, name) => page.locator(`form[action="/api/${name}"]`);

/** Follows the links from the home page to the form, as a resident would. */
async function goTo(page, { name, at }) {
  await page.goto(site.origin);
  if (at !== "/") await page.locator(`main a[href="${at}"]`).first().click();
  await formOf(page, name).waitFor();
}

async function answer(page, { name }, { texts = {}, choices = {}, open = false }) {
  const form = formOf(page, name);
  for (const [label, words] of Object.entries(texts)) await form.getByLabel(label).fill(words);
  for (const [question, choice] of Object.entries(choices)) {
    await form.getByRole("group", { name: question }).getByLabel(choice, { exact: true }).check();
  }
  if (open) {
    // Answer each folded question, to check that the answer is kept and the question unfolded.
    const more = form.locator("details");
    if ((await more.getAttribute("open")) === null) await more.locator("summary").click();
    for (const box of await more.getByRole("checkbox").all()) await box.check();
    for (const box of await more.locator("input[type=text]").all()) await box.fill("Juggling, \"really\"");
    for (const box of await more.locator("textarea").all()) await box.fill("First line\nsecond line, with “quotes”");
  }
}

/** Sends the form; returns the server's response. */
async function send(page, { name }) {
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === "POST"),
    formOf(page, name).locator('button[type="submit"], button:not([type])').click(),
  ]);
  await page.waitForLoadState();
  return response;
}

/** The values of the form's fields, without hidden ones and the honeypot. */
const answers = (page, { name }) =>
  formOf(page, name).evaluate((form) =>
    [...form.elements]
      .filter((field) => field.name && field.type !== "hidden" && !field.closest(".trap"))
      .map(({ name, value, checked }) => [name, value, checked ?? null]),
  );

/** All rows of the local store, as text. */
function rows() {
  const file = filesUnder(join(site.root, ".daisy")).find((path) => /\.(sqlite3?|db)$/.test(path));
  assert.ok(file, "there is no store in .daisy/");
  const read = `
import json, sqlite3, sys
store = sqlite3.connect(sys.argv[1])
names = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
words = lambda value: value.decode("utf-8", "replace") if isinstance(value, bytes) else value
print(json.dumps([[name, *map(words, row)] for name in names for row in store.execute(f'select * from "{name}"')]))`;
  const json = execFileSync(process.env.PYTHON ?? "python3", ["-c", read, join(site.root, ".daisy", file)]);
  return JSON.parse(json).map((row) => row.map(String).join("\n"));
}

for (const form of forms) {
  test(`${form.name}: sent with errors, corrected, thanked for, stored`, async () => {
    await inContext(browser, { javaScriptEnabled: false }, async (page) => {
      await goTo(page, form);
      await answer(page, form, form.wrong);
      const said = await answers(page, form);
      const refused = await send(page, form);

      assert.equal(refused.status(), 422);
      assert.match(await page.title(), /^Error: /);
      assert.deepEqual(await answers(page, form), said, "an answer was lost");
      for (const folded of await formOf(page, form.name).locator("details").all()) {
        assert.equal(await folded.getAttribute("open"), "", "an answered question is folded");
      }

      const summary = page.locator(".error-summary");
      assert.equal(await summary.getByRole("heading").innerText(), "There is a problem");
      const links = await summary.locator("a").all();
      assert.ok(links.length > 0, "the summary names no field");
      for (const link of links) {
        const target = await link.getAttribute("href");
        assert.match(target, /^#./);
        const field = page.locator(target);
        assert.equal(await field.count(), 1, `${target} is no field`);
        const beside = await field.evaluate(
          (field) => field.closest(".form-group").querySelector(".error-message").textContent,
        );
        // Next to the field, the message starts with "Error:" for screen readers.
        assert.equal(beside.trim().replace(/^Error:\s*/, ""), (await link.innerText()).trim());
        await link.click();
        const reached = await field.evaluate((field) => field === document.activeElement || field.contains(document.activeElement));
        assert.ok(reached, `the link to ${target} does not reach its field`);
      }

      await answer(page, form, form.corrected);
      const accepted = await send(page, form);
      assert.equal(accepted.status(), 303);
      assert.ok(page.url().startsWith(`${site.origin}/api/${form.name}/thanks`), page.url());
      const reference = (await page.locator(".thanks .reference").innerText()).trim();
      assert.ok(reference.length >= 4, "no reference is shown");

      const stored = rows().filter((row) => row.includes(reference));
      assert.ok(stored.length > 0, `no row of the store has the reference ${reference}`);
      const whole = stored.join("\n");
      for (const words of form.kept) {
        assert.ok(whole.includes(words) || whole.includes(JSON.stringify(words).slice(1, -1)), `not stored: ${words}`);
      }

      // Sent again by mistake, it is the same reply.
      await goTo(page, form);
      await answer(page, form, { ...form.wrong, texts: { ...form.wrong.texts, ...form.corrected.texts }, choices: form.corrected.choices });
      await send(page, form);
      assert.equal((await page.locator(".thanks .reference").innerText()).trim(), reference);
    });
  });
}

test("each chat and each offer to volunteer puts a notice for the team in the outbox", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(`${site.origin}/_daisy/outbox`);
    const shown = await page.locator("body").innerText();
    for (const name of ["volunteer", "chat"]) assert.match(shown, new RegExp(name, "i"));
  });
});

test("no one is subscribed to the newsletter until they press the button", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(`${site.origin}/_daisy/outbox`);
    const link = page.locator('a[href*="/api/newsletter/confirm"]').first();
    await link.click();
    // Email scanners follow links, so opening the page must not confirm.
    await page.locator('form[method="post"] button').first().click();
    await page.getByRole("heading", { level: 1, name: "You will receive our latest news" }).waitFor();
  });
});

test("a form can be sent with the keyboard only", async () => {
  await inContext(browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(`${site.origin}/chat/`);
    const name = formOf(page, "chat").getByLabel("Your name");
    for (let stops = 0; stops < 60 && !(await name.evaluate((field) => field === document.activeElement)); stops += 1) {
      await page.keyboard.press("Tab");
    }
    await page.keyboard.type("Rose");
    await page.keyboard.press("Tab");
    await page.keyboard.type("rose@post.example");
    await page.keyboard.press("Enter");
    await page.locator(".thanks .reference").waitFor();
  });
});

describe("response pages of forms", () => {
  for (const form of forms) {
    test(`${form.name}: axe finds no problems, and pages fit 320 px`, async () => {
      for (const colorScheme of ["light", "dark"]) {
        const options = { bypassCSP: true, colorScheme, reducedMotion: "reduce", viewport: { width: 320, height: 640 } };
        await inContext(browser, options, async (page) => {
          for (const [what, given] of [["wrong", form.wrong], ["thanks", form.corrected]]) {
            if (what === "wrong") await goTo(page, form);
            await answer(page, form, given);
            await send(page, form);
            none(await accessibilityFaults(page), `${what}:`);
            assert.deepEqual(await overflow(page), { by: 0, wide: [] }, what);
          }
        });
      }
    });
  }

  test("the Nu HTML checker finds no problems", async () => {
    const folder = mkdtempSync(join(tmpdir(), "daisychain-answers-"));
    try {
      await inContext(browser, { javaScriptEnabled: false }, async (page) => {
        for (const form of forms) {
          await goTo(page, form);
          await answer(page, form, form.wrong);
          const refused = await send(page, form);
          writeFileSync(join(folder, `${form.name}-wrong.html`), await refused.text());
          await answer(page, form, form.corrected);
          await send(page, form);
          const thanks = await (await fetch(page.url())).text();
          writeFileSync(join(folder, `${form.name}-thanks.html`), thanks);
        }
      });
      none(htmlFaults(folder));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
