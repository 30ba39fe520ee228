// Lambda's runtime client for Node: polls the runtime API for events, and returns the function's answers.

import { Agent, request } from "node:http";
import { handler } from "./chat.mjs";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const call = (method, path, body) =>
  new Promise((give, fail) => {
    const sent = request({ agent, hostname, port, method, path: `/2018-06-01/runtime/invocation/${path}` }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => give({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    sent.on("error", fail);
    sent.end(body);
  });

for (;;) {
  const { headers, body } = await call("GET", "next");
  const id = headers["lambda-runtime-aws-request-id"];
  try {
    await call("POST", `${id}/response`, JSON.stringify(await handler(JSON.parse(body))));
  } catch (error) {
    await call("POST", `${id}/error`, JSON.stringify({ errorType: error.name, errorMessage: error.message }));
  }
}
