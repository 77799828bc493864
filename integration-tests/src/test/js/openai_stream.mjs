// OpenAI's JavaScript client against a DJL Serving with the plugin; run by OpenAiTest.
// Arguments: the server's URL, and the folder of the module.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const modules = createRequire(path.join(process.argv[3], "x.js"));
const { OpenAI } = modules("openai");
const api = new OpenAI({
  baseURL: process.argv[2] + "/v1", apiKey: "none", maxRetries: 0, timeout: 60000,
});
const body = {
  model: "sample", messages: [{ role: "user", content: "Hello" }],
  max_completion_tokens: 24, ignore_eos: true, seed: 5,
};

const models = (await api.models.list()).data.map((each) => each.id);
assert.deepEqual(models, ["sample"]);

const whole = await api.chat.completions.create(body);
assert.equal(whole.usage.completion_tokens, 24);

const chunks = [];
const stream = await api.chat.completions.create({
  ...body, stream: true, stream_options: { include_usage: true },
});
for await (const chunk of stream) chunks.push(chunk);
const text = chunks.map((each) => each.choices[0]?.delta?.content ?? "").join("");
assert.equal(text, whole.choices[0].message.content);
assert.equal(chunks.at(-1).usage.completion_tokens, 24);
assert.ok(chunks.length > 20, `${chunks.length} chunks`);

const left = await api.chat.completions.create({ ...body, max_completion_tokens: 400, stream: true });
for await (const chunk of left) break;

await assert.rejects(
  api.chat.completions.create({ ...body, n: 0 }),
  (e) => e instanceof OpenAI.BadRequestError && e.param === "n" && e.requestID !== null,
);
await assert.rejects(api.models.retrieve("nobody"), OpenAI.NotFoundError);
console.log("checks passed");
