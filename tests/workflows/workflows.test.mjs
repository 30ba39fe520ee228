// Checks the workflows with GitHub's own parser, and our rules: no stored keys, no unnecessary permissions, only GitHub's
// own actions, and only options that `daisy` has.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire, register } from "node:module";
import test from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const tools = createRequire(new URL(".tools/npm/", root));
register("./json.mjs", import.meta.url);
const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await import(
  new URL(".tools/npm/node_modules/@actions/workflow-parser/dist/index.js", root)
);
const { parse } = tools("yaml");

const FOLDER = ".github/workflows/";
const names = readdirSync(new URL(FOLDER, root)).sort();
const workflows = Object.fromEntries(names.map((name) => [name, parse(read(FOLDER + name))]));
const action = parse(read(".github/actions/daisy/action.yml"));
const steps = [
  ...Object.values(workflows).flatMap((each) => Object.values(each.jobs).flatMap((job) => job.steps)),
  ...action.runs.steps,
];

/** The errors of GitHub's parser for a workflow. */
async function faults(content, name = "test.yml") {
  const result = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const found = result.context.errors.getErrors().map((error) => error.message);
  if (result.value && found.length === 0) {
    await convertWorkflowTemplate(result.context, result.value);
    found.push(...result.context.errors.getErrors().map((error) => error.message));
  }
  return found;
}

test("all workflows exist", () => {
  assert.deepEqual(names, ["ci.yml", "nightly.yml", "pages.yml", "publish.yml", "release.yml"]);
});

for (const name of names) {
  test(`GitHub's parser accepts ${name}`, async () => {
    assert.deepEqual(await faults(read(FOLDER + name), name), []);
  });
}

test("what GitHub would refuse is reported", async () => {
  const wrong = read(`${FOLDER}ci.yml`);
  for (const [one, other] of [
    ["runs-on:", "run-on:"],
    ["github.ref ", "githob.ref "],
    ["permissions:\n  contents: read", "permissions:\n  contents: reed"],
    ["- uses: actions/checkout@v4", "- use: actions/checkout@v4"],
  ]) {
    assert.ok(wrong.includes(one), one);
    assert.notDeepEqual(await faults(wrong.replace(one, other)), [], other);
  }
});

test("no keys are stored, and only GitHub's actions are used", () => {
  for (const name of names) {
    assert.doesNotMatch(read(FOLDER + name), /secrets\.|AWS_ACCESS_KEY_ID|AWS_SECRET/, name);
  }
  for (const { uses } of steps.filter((step) => step.uses)) {
    assert.match(uses, /^(actions\/[a-z-]+@v\d+|\.\/\.github\/actions\/daisy)$/);
  }
});

test("jobs have minimal permissions and a timeout", () => {
  const writes = [];
  for (const [name, workflow] of Object.entries(workflows)) {
    for (const [job, { permissions, "timeout-minutes": minutes }] of Object.entries(workflow.jobs)) {
      assert.ok(minutes > 0, `${name}: ${job} has no timeout`);
      const rights = { ...workflow.permissions, ...permissions };
      for (const [right, level] of Object.entries(rights)) {
        if (level === "write") writes.push(`${name}: ${job}: ${right}`);
      }
    }
  }
  assert.deepEqual(writes.sort(), [
    "pages.yml: pages: id-token",
    "pages.yml: pages: pages",
    "publish.yml: publish: id-token",
    "release.yml: release: contents",
  ]);
});

test("untrusted input never reaches a shell as code", () => {
  for (const { run } of steps.filter((step) => step.run)) {
    assert.doesNotMatch(run, /\$\{\{/, "expressions are inserted into scripts as code");
  }
});

test("bash can parse every script", () => {
  for (const { run } of steps.filter((step) => step.run)) {
    const read = spawnSync("bash", ["-n"], { input: run, encoding: "utf8" });
    assert.equal(read.status, 0, `${read.stderr}\n${run}`);
  }
});

test("daisy knows every command and option", () => {
  const reference = read("docs/reference/commands.md");
  const calls = steps.flatMap(({ run = "" }) => [...run.matchAll(/"\$DAISY" ([a-z]+)([^\n]*)/g)]);
  assert.ok(calls.length >= 4);
  for (const [, command, rest] of [...calls, [, "publish", workflows["publish.yml"].jobs.publish.steps.at(-1).env.DUE]]) {
    const section = reference.split(/^## /m).find((part) => part.startsWith(`\`daisy ${command}\`\n`));
    assert.ok(section, `docs/reference/commands.md has no \`daisy ${command}\``);
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
      assert.ok(section.includes(option), `\`daisy ${command}\` has no ${option}`);
    }
  }
});

test("a release has every function and operating system", () => {
  const functions = readdirSync(new URL("functions/src/bin/", root)).map((name) => name.replace(".rs", ""));
  const packed = read(`${FOLDER}release.yml`).match(/for name in ([a-z ]+);/g);
  for (const list of packed) {
    assert.deepEqual(list.slice(12, -1).split(" ").sort(), functions.sort());
  }
  const systems = workflows["release.yml"].jobs.daisy.strategy.matrix.include.map(({ name }) => name.split("-")[0]);
  assert.deepEqual([...new Set(systems)].sort(), ["linux", "macos", "windows"]);
});
