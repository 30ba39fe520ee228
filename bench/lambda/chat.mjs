// The form `chat` as a Lambda function in Node, for comparison: the same checks and calls as the one in Rust, written as
// usual with the AWS SDK v3.

import { createHash, createHmac, randomBytes } from "node:crypto";
import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { SendEmailCommand, SESv2Client } from "@aws-sdk/client-sesv2";

const table = process.env.DAISYCHAIN_TABLE;
const from = process.env.DAISYCHAIN_FROM;
const site = process.env.DAISYCHAIN_SITE;
const key = Buffer.from(process.env.DAISYCHAIN_PERSON_KEY, "hex");
const dynamo = new DynamoDBClient({});
const ses = new SESv2Client({});
const DAY = 86_400_000;

const mac = (...parts) => createHmac("sha256", key).update(parts.join("\0")).digest("hex");
const escape = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const text = (value) => ({ S: String(value) });
const number = (value) => ({ N: String(value) });

const get = async (pk, sk) => {
  const { Item } = await dynamo.send(new GetItemCommand({ TableName: table, Key: { pk: text(pk), sk: text(sk) }, ConsistentRead: true }));
  return Item && JSON.parse(Item.body.S);
};

let kept;
async function definition() {
  if (kept && Date.now() - kept.at < 60_000) return kept.definition;
  const digest = await get("chat#FORM#current", "definition");
  kept = { at: Date.now(), definition: await get(`chat#FORM#${digest}`, "definition") };
  return kept.definition;
}

async function count(name, until) {
  const { Attributes } = await dynamo.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: text(`COUNT#${name}`), sk: text("count") },
      UpdateExpression: "ADD #value :one SET #expires = :until",
      ExpressionAttributeNames: { "#value": "value", "#expires": "expires" },
      ExpressionAttributeValues: { ":one": number(1), ":until": number(Math.floor(until / 1000)) },
      ReturnValues: "UPDATED_NEW",
    }),
  );
  return Number(Attributes.value.N);
}

const put = (pk, sk, body, more = {}, condition = "attribute_not_exists(pk)") => ({
  Put: {
    TableName: table,
    Item: { pk: text(pk), sk: text(sk), body: text(JSON.stringify(body)), ...more },
    ConditionExpression: condition,
    ReturnValuesOnConditionCheckFailure: "ALL_OLD",
  },
});

const LETTERS = "23456789BCDFGHJKLMPQRTVWXZ";
function reference() {
  let made = "";
  while (made.length < 9) {
    const [byte] = randomBytes(1);
    if (byte < 234) made += LETTERS[byte % 26];
    if (made.length === 4) made += "-";
  }
  return made;
}

function validate(form, answers) {
  const submission = {};
  const problems = [];
  for (const field of [...form.fields, ...(form.more?.fields ?? [])]) {
    const value = (answers.get(field.name) ?? "").replace(/\r\n?/g, "\n").trim();
    if (!value) {
      if (!field.optional) problems.push({ field: field.name, message: field.missing });
    } else if ([...value].length > field.longest) {
      problems.push({ field: field.name, message: "too long" });
    } else if (field.kind === "phone-or-email" && !(/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/.test(value) || /^\+?[\d\s().\/-]{7,}$/.test(value))) {
      problems.push({ field: field.name, message: field.invalid });
    } else {
      submission[field.name] = [value];
    }
  }
  return { submission, problems };
}

const page = (definition, status, title, main) => ({
  statusCode: status,
  headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
  body: definition.frame.replace("%%daisychain:title%%", escape(title)).replace("%%daisychain:main%%", main),
});

const quoted = (words) =>
  [...Buffer.from(words)].map((byte) => (byte > 32 && byte < 127 && byte !== 61 ? String.fromCharCode(byte) : byte === 10 ? "\r\n" : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`)).join("");

async function mail(id, to, subject, paragraphs) {
  const raw = [
    `From: ${from}`, `To: ${to}`, `Subject: ${subject}`, `Date: ${new Date().toUTCString()}`, `Message-ID: <${id}@${new URL(site).host}>`,
    "MIME-Version: 1.0", `Content-Type: multipart/alternative; boundary="daisy-${id}"`, "", `--daisy-${id}`,
    "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "", quoted(paragraphs.join("\n\n")), `--daisy-${id}`,
    "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
    quoted(paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`).join("\n")), `--daisy-${id}--`, "",
  ].join("\r\n");
  await ses.send(new SendEmailCommand({ FromEmailAddress: from, Destination: { ToAddresses: [to] }, Content: { Raw: { Data: Buffer.from(raw) } } }));
}

async function tryAtOnce(form, owed, id) {
  const hour = Math.floor(Date.now() / 3_600_000);
  for (const { outId, letter } of owed) {
    const reply = await get(`chat#SUB#${id}`, "reply");
    const [contact] = reply.submission.answers.contact;
    if (letter === "acknowledgement") {
      for (const minutes of [10, 1_440, 43_200]) await count(`address#${mac("person", "", contact)}#${minutes}`, Date.now() + DAY);
    }
    await count(`mail#${hour}#${randomBytes(1)[0] % 8}`, Date.now() + DAY);
    if (letter === "notice") {
      const answers = form.fields.flatMap(({ name, label }) => (reply.submission.answers[name] ? [`${label}\n${reply.submission.answers[name][0]}`] : []));
      await mail(outId, form.notify, `${form.title} (${reply.reference})`, [form.title, `Reference: ${reply.reference}`, ...answers]);
    } else {
      await mail(outId, contact, form.thanks.title, [form.thanks.title, ...form.thanks.next, `Your reference is ${reply.reference}`]);
    }
    await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: table, Key: { pk: text(`chat#OUT#${outId}`), sk: text("mail") } } }] }));
  }
}

const months = new Set();

export async function handler(event) {
  const body = event.isBase64Encoded ? Buffer.from(event.body, "base64").toString() : event.body;
  const answers = new URLSearchParams(body);
  const defined = await definition();
  const { form } = defined;
  const digest = createHash("sha256").update(JSON.stringify(form)).digest("hex");
  if (answers.get("_form") && answers.get("_form") !== digest) return page(defined, 422, form.title, "changed");
  const { submission, problems } = validate(form, answers);
  if (problems.length > 0) {
    return page(defined, 422, `Error: ${form.title}`, problems.map(({ message }) => `<p>${escape(message)}</p>`).join(""));
  }
  const now = Date.now();
  const day = Math.floor(now / DAY);
  await count(`visitor#${mac("visitor", day, event.requestContext.http.sourceIp).slice(0, 32)}#${Math.floor(now / 3_600_000)}`, now + 2 * DAY);
  const id = now.toString(36).padStart(10, "0") + randomBytes(10).toString("hex");
  const due = now + 3 * DAY;
  const month = new Date(due).toISOString().slice(0, 7);
  if (!months.has(month)) {
    await dynamo.send(new PutItemCommand({ TableName: table, Item: { pk: text("chat#MONTHS"), sk: text(`new#${month}`), body: text(JSON.stringify(month)) } }));
    months.add(month);
  }
  const [contact] = submission.contact;
  const person = mac("person", "chat", contact);
  const same = mac("same", "chat", JSON.stringify(submission));
  const reply = {
    id, form: "chat", reference: reference(), definition: digest, page: "/", received: now, due, state: "new", held: null, person,
    submission: { answers: submission }, history: [], expires: now + form.keep_days * DAY,
  };
  const expires = { expires: number(Math.floor(reply.expires / 1000)) };
  const letters = contact.includes("@") ? ["notice", "acknowledgement"] : ["notice"];
  const owed = letters.map((letter) => ({ outId: now.toString(36) + randomBytes(10).toString("hex"), letter }));
  await dynamo.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        {
          Put: {
            TableName: table,
            Item: { pk: text(`chat#SAME#${same}`), sk: text("same"), body: text(JSON.stringify(reply.reference)), until: number(now + DAY), expires: number(Math.floor((now + DAY) / 1000)) },
            ConditionExpression: "attribute_not_exists(pk) OR #it <= :it",
            ExpressionAttributeNames: { "#it": "until" },
            ExpressionAttributeValues: { ":it": number(now) },
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          },
        },
        put(`chat#REF#${reply.reference}`, "reference", id, expires),
        put(`chat#SUB#${id}`, "reply", reply, { ...expires, state: text("new"), same: text(same), list: text(`chat#new#${month}#0`), rank: text(`${String(due).padStart(15, "0")}#${id}`) }),
        put(`chat#PERSON#${person}`, `reply#${id}`, id, expires),
        ...owed.map(({ outId, letter }) =>
          put(`chat#OUT#${outId}`, "mail", { id: outId, form: "chat", letter, about: id, due: now + 60_000, tries: 0, failed: false }, {
            due: number(now + 60_000), list: text("OUTBOX#waiting"), rank: text(`${String(now + 60_000).padStart(15, "0")}#${outId}`),
          }),
        ),
      ],
    }),
  );
  await tryAtOnce(form, owed, id);
  return { statusCode: 303, headers: { location: `/api/chat/thanks?reference=${reply.reference}` }, body: "" };
}
