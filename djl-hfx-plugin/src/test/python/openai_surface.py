"""Drives the whole surface with OpenAI's Python client; run by OpenAiClientsTest.

Argument: a JSON object of base URLs. "real" serves a sample model whose chat template takes tools;
"busy" refuses with 429, "recovering" does so once, "stopping" refuses with 503, "broken" fails before
the first token, "cut" after the second.
"""

import asyncio
import json
import sys
import time
import urllib.request

import openai
from openai import AsyncOpenAI, OpenAI

URLS = json.loads(sys.argv[1])
MODEL = "sample"
HI = [{"role": "user", "content": "Hello"}]
PASSED = []


def client(name, retries=0):
    return OpenAI(base_url=URLS[name] + "/v1", api_key="none", max_retries=retries, timeout=60)


api = client("real")


def check(function):
    function()
    PASSED.append(function.__name__)
    print("ok", function.__name__, flush=True)


def chat(**more):
    options = {"model": MODEL, "messages": HI, "max_completion_tokens": 12, "seed": 5}
    return api.chat.completions.create(**{**options, "extra_body": {"ignore_eos": True}, **more})


def complete(**more):
    options = {"model": MODEL, "prompt": "Hello", "max_tokens": 8, "seed": 5}
    return api.completions.create(**{**options, "extra_body": {"ignore_eos": True}, **more})


def refused(kind, status, call, param=None, code=None):
    try:
        call()
    except openai.APIStatusError as e:
        assert type(e) is kind, (type(e), e)
        assert e.status_code == status, e
        assert e.request_id, "x-request-id"
        if param is not None:
            assert e.param == param, (e.param, e)
        if code is not None:
            assert e.code == code, (e.code, e)
        return e
    raise AssertionError(f"not refused: {param}")


@check
def models():
    listed = api.models.list()
    assert [each.id for each in listed] == [MODEL]
    one = api.models.retrieve(MODEL)
    assert (one.object, one.owned_by) == ("model", "hfx") and one.created > 0
    refused(openai.NotFoundError, 404, lambda: api.models.retrieve("x"), "model", "model_not_found")


@check
def chat_whole():
    answer = chat()
    choice = answer.choices[0]
    assert answer.object == "chat.completion" and answer.id.startswith("chatcmpl-")
    assert answer.model == MODEL and abs(answer.created - time.time()) < 300
    assert choice.message.role == "assistant" and choice.message.content
    assert choice.message.refusal is None and choice.message.tool_calls is None
    assert choice.finish_reason == "length" and choice.logprobs is None
    usage = answer.usage
    assert usage.completion_tokens == 12
    assert usage.total_tokens == usage.prompt_tokens + 12
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert usage.completion_tokens_details.reasoning_tokens == 0
    assert answer.service_tier is None
    assert answer._request_id


@check
def chat_streamed():
    whole = chat().choices[0].message.content
    chunks = list(chat(stream=True, stream_options={"include_usage": True}))
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole, (text, whole)
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == 12
    assert all(c.usage is None for c in chunks[:-1])
    assert len({c.id for c in chunks}) == 1
    assert all(c.usage is None for c in chat(stream=True))


@check
def chat_stream_helper():
    with api.chat.completions.stream(
        model=MODEL, messages=HI, max_completion_tokens=6, seed=5
    ) as stream:
        deltas = [e.delta for e in stream if e.type == "content.delta"]
        final = stream.current_completion_snapshot
    assert "".join(deltas) == final.choices[0].message.content


@check
def continuous_usage():
    chunks = list(
        chat(
            stream=True,
            stream_options={"include_usage": True, "continuous_usage_stats": True},
            max_completion_tokens=4,
        )
    )
    counts = [c.usage.completion_tokens for c in chunks]
    assert counts == sorted(counts) and counts[-1] == 4, counts


@check
def choices_and_seed():
    one, two = chat(n=3, temperature=1.5), chat(n=3, temperature=1.5)
    texts = [c.message.content for c in one.choices]
    assert [c.index for c in one.choices] == [0, 1, 2]
    assert texts == [c.message.content for c in two.choices]
    assert len(set(texts)) > 1, texts
    assert one.usage.completion_tokens == 36
    assert one.usage.prompt_tokens == chat().usage.prompt_tokens
    other = chat(seed=6, temperature=1.5).choices[0].message.content
    assert other != texts[0]
    streamed = {0: "", 1: "", 2: ""}
    for chunk in chat(n=3, temperature=1.5, stream=True):
        streamed[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert list(streamed.values()) == texts


@check
def every_sampling_option():
    answer = chat(
        temperature=0.7,
        top_p=0.9,
        frequency_penalty=0.5,
        presence_penalty=-0.5,
        logit_bias={"7": -100},
        extra_body={
            "top_k": 20,
            "min_p": 0.01,
            "repetition_penalty": 1.1,
            "min_tokens": 3,
            "stop_token_ids": [9],
            "include_stop_str_in_output": False,
        },
    )
    assert 3 <= answer.usage.completion_tokens <= 12
    greedy = [chat(temperature=0, seed=s).choices[0].message.content for s in (1, 2)]
    assert greedy[0] == greedy[1]
    forced = complete(logit_bias={"65": 100}, temperature=0)
    assert len(set(forced.choices[0].text)) == 1, forced


@check
def stop_strings():
    text = complete().choices[0].text
    cut = text[3:5]
    answer = complete(stop=[cut, "never"])
    assert answer.choices[0].text == text[: text.index(cut)], (answer, text)
    assert answer.choices[0].finish_reason == "stop"
    assert complete(max_tokens=4).choices[0].finish_reason == "length"


@check
def chat_logprobs():
    answer = chat(logprobs=True, top_logprobs=3)
    entries = answer.choices[0].logprobs.content
    assert len(entries) == 12
    text = b"".join(bytes(e.bytes) for e in entries).decode("utf-8", "replace")
    assert text == answer.choices[0].message.content
    for entry in entries:
        assert len(entry.top_logprobs) == 3 and entry.logprob <= 0
        assert entry.top_logprobs[0].logprob >= entry.logprob
    streamed = [
        entry
        for chunk in chat(logprobs=True, top_logprobs=3, stream=True)
        if chunk.choices and chunk.choices[0].logprobs
        for entry in chunk.choices[0].logprobs.content
    ]
    assert [e.token for e in streamed] == [e.token for e in entries]


@check
def completions_forms():
    answer = complete(prompt=["Hello", "World"], n=2, best_of=2)
    assert [c.index for c in answer.choices] == [0, 1, 2, 3]
    assert answer.object == "text_completion" and answer.id.startswith("cmpl-")
    ids = complete(prompt=[1, 2, 3])
    assert ids.usage.prompt_tokens == 3
    lists = complete(prompt=[[1, 2, 3], [4]])
    assert lists.usage.prompt_tokens == 4
    assert lists.choices[0].text == ids.choices[0].text
    assert complete(prompt="").usage.prompt_tokens == 1
    echoed = complete(echo=True)
    assert echoed.choices[0].text == "Hello" + complete().choices[0].text
    streamed = "".join(c.choices[0].text for c in complete(echo=True, stream=True))
    assert streamed == echoed.choices[0].text


@check
def completions_logprobs():
    logprobs = complete(logprobs=2).choices[0].logprobs
    assert len(logprobs.tokens) == 8 == len(logprobs.token_logprobs) == len(logprobs.text_offset)
    assert all(len(top) in (2, 3) for top in logprobs.top_logprobs)
    assert logprobs.text_offset[0] == 0


@check
def conversations_and_tools():
    first = chat().choices[0].message
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
        HI[0],
        first,
        {"role": "user", "content": "More", "name": "ann"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "42", "tool_call_id": "c1"},
    ]
    without = chat(messages=messages)
    with_tools = chat(messages=messages, tools=[tool], tool_choice="none")
    assert with_tools.usage.prompt_tokens > without.usage.prompt_tokens
    refused(openai.BadRequestError, 400, lambda: chat(tools=[tool]), "tools")
    refused(
        openai.BadRequestError, 400, lambda: chat(tools=[tool], tool_choice="auto"), "tool_choice"
    )
    refused(
        openai.BadRequestError,
        400,
        lambda: chat(messages=[{"role": "user", "content": [{"type": "input_audio"}]}]),
        "messages[0].content[0].type",
    )
    prefilled = chat(
        messages=HI + [{"role": "assistant", "content": "I am"}],
        extra_body={"continue_final_message": True},
    )
    assert prefilled.usage.prompt_tokens > chat().usage.prompt_tokens


@check
def objectives():
    raw = api.chat.completions.with_raw_response.create(
        model=MODEL,
        messages=HI,
        max_completion_tokens=2,
        service_tier="flex",
    )
    assert raw.headers["x-hfx-slo-class"] == "flex"
    assert raw.parse().service_tier == "flex"
    assert int(raw.headers["openai-processing-ms"]) >= 0
    assert raw.headers["x-request-id"]
    raw = api.chat.completions.with_raw_response.create(
        model=MODEL,
        messages=HI,
        max_completion_tokens=2,
        service_tier="auto",
        extra_headers={"x-slo-class": "code", "x-slo-ttft-ms": "60000", "x-request-id": "mine-1"},
        extra_body={"slo": {"class": "chat", "tpot_ms": 60000}, "priority": 1},
    )
    assert raw.headers["x-hfx-slo-class"] == "code"
    assert raw.headers["x-request-id"] == "mine-1"
    assert raw.parse().service_tier == "default"
    refused(
        openai.BadRequestError, 400, lambda: chat(extra_body={"slo": {"class": "gold"}}), "slo.class"
    )
    refused(
        openai.BadRequestError,
        400,
        lambda: chat(extra_headers={"x-slo-ttft-ms": "soon"}),
        "x-slo-ttft-ms",
    )


@check
def wrong_requests():
    bad = openai.BadRequestError
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    unsupported = "unsupported_value"
    refused(bad, 400, lambda: chat(response_format=schema), "response_format", unsupported)
    refused(bad, 400, lambda: chat(store=True), "store", unsupported)
    refused(bad, 400, lambda: chat(reasoning_effort="low"), "reasoning_effort")
    refused(bad, 400, lambda: chat(web_search_options={}), "web_search_options")
    refused(bad, 400, lambda: chat(extra_body={"made_up": 1}), "made_up", "unknown_parameter")
    refused(bad, 400, lambda: chat(temperature=3), "temperature", "invalid_value")
    refused(bad, 400, lambda: chat(n="1"), "n")
    refused(bad, 400, lambda: complete(suffix="x"), "suffix")
    refused(bad, 400, lambda: complete(echo=True, logprobs=1), "echo")
    refused(bad, 400, lambda: complete(best_of=3), "best_of")
    refused(bad, 400, lambda: complete(max_tokens=0), "max_tokens")
    long = {"prompt": [1] * 250, "max_tokens": 300}
    refused(bad, 400, lambda: complete(**long), "prompt", "context_length_exceeded")
    refused(openai.NotFoundError, 404, lambda: chat(model="x"), "model", "model_not_found")


@check
def nulls_and_harmless_values():
    answer = chat(
        stop=None,
        logit_bias=None,
        user="u",
        metadata={"a": "b"},
        store=False,
        tools=[],
        response_format={"type": "text"},
        modalities=["text"],
        safety_identifier="s",
        prompt_cache_key="k",
        parallel_tool_calls=False,
        verbosity="medium",
        max_completion_tokens=2,
    )
    assert answer.choices[0].message.content is not None


@check
def refusals_and_failures():
    say = {"model": "fake/model", "messages": HI}
    e = refused(
        openai.RateLimitError,
        429,
        lambda: client("busy").chat.completions.create(**say),
        code="rate_limit_exceeded",
    )
    assert e.response.headers["retry-after"] == "1" and e.response.headers["x-hfx-reason"]
    assert client("recovering", retries=2).chat.completions.create(**say).choices[0].message.content
    e = refused(
        openai.InternalServerError,
        503,
        lambda: client("stopping").chat.completions.create(**say, stream=True),
    )
    assert e.response.headers["retry-after"]
    refused(
        openai.InternalServerError, 500, lambda: client("broken").chat.completions.create(**say)
    )
    pieces = []
    try:
        for chunk in client("cut").chat.completions.create(**say, stream=True):
            pieces.append(chunk.choices[0].delta.content)
    except openai.APIError as e:
        assert "lost" in e.message, e
        assert "".join(pieces) == "He", pieces
    else:
        raise AssertionError("a cut stream ended well")


def running():
    with urllib.request.urlopen(URLS["real"] + "/hfx/status") as answer:
        status = json.load(answer)
    return status["requests_in_flight"] + status["workers"][0]["running_sequences"]


@check
def abort():
    stream = chat(stream=True, max_completion_tokens=400)
    next(iter(stream))
    assert running() > 0
    stream.close()
    end = time.monotonic() + 30
    while running() > 0:
        assert time.monotonic() < end, "an aborted request goes on"


@check
def asynchronous():
    async def go():
        async with AsyncOpenAI(base_url=URLS["real"] + "/v1", api_key="none") as own:
            async def one(seed):
                text = ""
                stream = await own.chat.completions.create(
                    model=MODEL, messages=HI, max_completion_tokens=8, seed=seed, stream=True
                )
                async for chunk in stream:
                    text += chunk.choices[0].delta.content or ""
                return text

            return await asyncio.gather(*(one(seed) for seed in (1, 2, 3, 1)))

    texts = asyncio.run(go())
    assert texts[0] == texts[3]


print(f"all {len(PASSED)} checks passed with openai {openai.__version__}")
