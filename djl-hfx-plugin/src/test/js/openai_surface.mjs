// Drives the whole surface with OpenAI's JavaScript client; run by OpenAiClientsTest.
// Arguments: a JSON object of base URLs as openai_surface.py has it, and the folder of the module.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";

const urls = JSON.parse(process.argv[2]);
const modules = createRequire(path.join(process.argv[3], "x.js"));
const { OpenAI } = modules("openai");
const { VERSION } = modules("openai/version");

const MODEL = "sample";
const HI = [{ role: "user", content: "Hello" }];
let passed = 0;

function client(name, maxRetries = 0) {
  return new OpenAI({ baseURL: urls[name] + "/v1", apiKey: "none", maxRetries, timeout: 60000 });
}

const api = client("real");

async function check(name, run) {
  await run();
  passed++;
  console.log("ok", name);
}

function chat(more, options) {
  const body = {
    model: MODEL, messages: HI, max_completion_tokens: 12, seed: 5, ignore_eos: true, ...more,
  };
  return api.chat.completions.create(body, options);
}

function complete(more) {
  return api.completions.create({
    model: MODEL, prompt: "Hello", max_tokens: 8, seed: 5, ignore_eos: true, ...more,
  });
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of await stream) chunks.push(chunk);
  return chunks;
}

async function refused(kind, status, call, param, code) {
  try {
    await call();
  } catch (e) {
    assert.ok(e instanceof OpenAI.APIError, String(e));
    assert.equal(e.constructor, kind, String(e));
    assert.equal(e.status, status);
    assert.ok(e.requestID, "x-request-id");
    if (param !== undefined) assert.equal(e.param, param, String(e));
    if (code !== undefined) assert.equal(e.code, code, String(e));
    return e;
  }
  assert.fail(`not refused: ${param}`);
}

await check("models", async () => {
  const listed = [];
  for await (const each of api.models.list()) listed.push(each.id);
  assert.deepEqual(listed, [MODEL]);
  assert.equal((await api.models.retrieve(MODEL)).object, "model");
  const missing = () => api.models.retrieve("a/b");
  await refused(OpenAI.NotFoundError, 404, missing, "model", "model_not_found");
});

await check("chat, whole and streamed", async () => {
  const whole = await chat({});
  const text = whole.choices[0].message.content;
  assert.equal(whole.object, "chat.completion");
  assert.equal(whole.choices[0].finish_reason, "length");
  assert.equal(whole.usage.completion_tokens, 12);
  assert.equal(whole.usage.total_tokens, whole.usage.prompt_tokens + 12);
  assert.equal(whole.usage.prompt_tokens_details.cached_tokens, 0);
  assert.ok(whole._request_id);
  const chunks = await collect(chat({ stream: true, stream_options: { include_usage: true } }));
  assert.equal(chunks[0].choices[0].delta.role, "assistant");
  assert.equal(chunks.map((c) => c.choices[0]?.delta.content ?? "").join(""), text);
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.equal(chunks.at(-1).usage.completion_tokens, 12);
  assert.equal(chunks.at(-2).choices[0].finish_reason, "length");
});

await check("the stream helper", async () => {
  const stream = api.chat.completions.stream({
    model: MODEL, messages: HI, max_completion_tokens: 6, seed: 5,
  });
  let text = "";
  stream.on("content", (delta) => (text += delta));
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, text);
});

await check("choices, seed and every sampling option", async () => {
  const options = {
    n: 2, temperature: 1.5, top_p: 0.95, frequency_penalty: 0.1, presence_penalty: 0.1,
    logit_bias: { 7: -100 }, top_k: 50, min_p: 0.001, repetition_penalty: 1.05, min_tokens: 2,
    stop_token_ids: [9], stop: ["never seen"],
  };
  const texts = (answer) => answer.choices.map((c) => c.message.content);
  const [one, two] = [texts(await chat(options)), texts(await chat(options))];
  assert.deepEqual(one, two);
  assert.notEqual(one[0], one[1]);
});

await check("logprobs", async () => {
  const entries = (await chat({ logprobs: true, top_logprobs: 2 })).choices[0].logprobs.content;
  assert.equal(entries.length, 12);
  assert.ok(entries.every((e) => e.top_logprobs.length === 2 && Array.isArray(e.bytes)));
  const old = (await complete({ logprobs: 1 })).choices[0].logprobs;
  assert.equal(old.tokens.length, 8);
});

await check("completions", async () => {
  const answer = await complete({ prompt: ["Hello", "World"], n: 2 });
  assert.deepEqual(answer.choices.map((c) => c.index), [0, 1, 2, 3]);
  assert.equal((await complete({ prompt: [[1, 2, 3], [4]] })).usage.prompt_tokens, 4);
  const text = (await complete({})).choices[0].text;
  const echoed = await collect(complete({ echo: true, stream: true }));
  assert.equal(echoed.map((c) => c.choices[0].text).join(""), "Hello" + text);
  const cut = text.slice(3, 5);
  assert.equal((await complete({ stop: cut })).choices[0].text, text.slice(0, text.indexOf(cut)));
});

await check("tools and conversations", async () => {
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
  const first = (await chat({})).choices[0].message;
  const messages = [...HI, first, { role: "user", content: [{ type: "text", text: "More" }] }];
  assert.ok((await chat({ messages, tools, tool_choice: "none" })).choices[0].message.content);
  await refused(OpenAI.BadRequestError, 400, () => chat({ tools }), "tools");
});

await check("objectives", async () => {
  const headers = { "x-slo-class": "code", "x-slo-ttft-ms": "60000", "x-request-id": "mine-2" };
  const body = { max_completion_tokens: 2, slo: { tpot_ms: 60000 }, service_tier: "flex" };
  const { data, response } = await chat(body, { headers }).withResponse();
  assert.equal(response.headers.get("x-hfx-slo-class"), "code");
  assert.equal(response.headers.get("x-request-id"), "mine-2");
  assert.ok(Number(response.headers.get("openai-processing-ms")) >= 0);
  assert.equal(data.service_tier, "default");
  const wrong = () => chat({ slo: { ttft_ms: -1 } });
  await refused(OpenAI.BadRequestError, 400, wrong, "slo.ttft_ms");
});

await check("wrong requests", async () => {
  const bad = (param, more) => refused(OpenAI.BadRequestError, 400, () => chat(more), param);
  await bad("response_format", { response_format: { type: "json_object" } });
  await bad("made_up", { made_up: 1 });
  await bad("temperature", { temperature: 3 });
  await bad("audio", { audio: { voice: "alloy", format: "wav" } });
  await bad("messages[0].content[0].type", {
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }],
  });
  const long = () => complete({ prompt: Array(250).fill(1), max_tokens: 300 });
  await refused(OpenAI.BadRequestError, 400, long, "prompt", "context_length_exceeded");
  await refused(OpenAI.NotFoundError, 404, () => chat({ model: "x" }), "model", "model_not_found");
  assert.ok(await chat({ stop: null, tools: null, user: null, max_completion_tokens: 1 }));
});

await check("refusals and failures", async () => {
  const say = { model: "fake/model", messages: HI };
  const ask = (name, more) => () => client(name).chat.completions.create({ ...say, ...more });
  const busy = await refused(
    OpenAI.RateLimitError, 429, ask("busy"), undefined, "rate_limit_exceeded");
  assert.equal(busy.headers.get("retry-after"), "1");
  const again = await client("recovering", 2).chat.completions.create(say);
  assert.equal(again.choices[0].message.content, "Hello");
  await refused(OpenAI.InternalServerError, 503, ask("stopping", { stream: true }));
  await refused(OpenAI.InternalServerError, 500, ask("broken"));
  let text = "";
  await assert.rejects(async () => {
    for await (const chunk of await ask("cut", { stream: true })()) {
      text += chunk.choices[0].delta.content ?? "";
    }
  }, OpenAI.APIError);
  assert.equal(text, "He");
});

async function running() {
  const status = await (await fetch(urls.real + "/hfx/status")).json();
  return status.requests_in_flight + status.workers[0].running_sequences;
}

await check("abort", async () => {
  const stream = await chat({ stream: true, max_completion_tokens: 400 });
  for await (const chunk of stream) {
    assert.ok(chunk.id);
    assert.ok((await running()) > 0);
    break;
  }
  const end = Date.now() + 30000;
  while ((await running()) > 0) assert.ok(Date.now() < end, "an aborted request goes on");
});

console.log(`all ${passed} checks passed with openai ${VERSION}`);
