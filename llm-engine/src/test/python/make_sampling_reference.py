"""Writes what transformers makes of some logits, for SamplingReferenceTest.

Usage: make_sampling_reference.py > src/test/resources/io/hfx/engine/sampling/reference.json
Needs torch and transformers. Repetition penalty, temperature, min-p, top-k and top-p are those of
transformers, in the order that vLLM applies them; bias, frequency and presence penalty, which
transformers has not got, are sums of numpy.
"""

import json

import numpy as np
import torch
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

VOCABULARY = 64
PROMPT = [3, 9, 9, 17, 40, 3, 63]
OUTPUT = [9, 5, 5, 5, 22, 61, 9, 0]
BIAS = {5: 2.5, 9: -3, 17: 100, 30: -100, 44: 1.25}

CASES = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.6, "topP": 0.9},
    {"topP": 0.5},
    {"topP": 0.05},
    {"topK": 1},
    {"topK": 5},
    {"topK": 100},
    {"minP": 0.1},
    {"temperature": 2.0, "minP": 0.3},
    {"topK": 20, "topP": 0.8},
    {"minP": 0.02, "topP": 0.7},
    {"minP": 0.05, "topK": 8, "topP": 0.6, "temperature": 1.3},
    {"repetitionPenalty": 1.3},
    {"repetitionPenalty": 0.6},
    {"presencePenalty": 1.5},
    {"frequencyPenalty": 0.8},
    {"frequencyPenalty": -0.9, "presencePenalty": -0.4},
    {"repetitionPenalty": 1.2, "presencePenalty": 0.5, "frequencyPenalty": 0.25},
    {"logitBias": True},
    {"logitBias": True, "repetitionPenalty": 1.5, "frequencyPenalty": 0.5, "topK": 12},
    {
        "logitBias": True,
        "repetitionPenalty": 1.1,
        "presencePenalty": 0.3,
        "frequencyPenalty": 0.2,
        "temperature": 0.8,
        "minP": 0.01,
        "topK": 16,
        "topP": 0.9,
    },
]


def processed(row, case):
    scores = np.array(row, dtype=np.float32)
    if case.get("logitBias"):
        for token, bias in BIAS.items():
            scores[token] += np.float32(bias)
    ids = torch.tensor([PROMPT + OUTPUT])
    scores = torch.tensor(scores)[None]
    if "repetitionPenalty" in case:
        scores = RepetitionPenaltyLogitsProcessor(case["repetitionPenalty"])(ids, scores)
    counts = np.bincount(OUTPUT, minlength=VOCABULARY)
    scores = scores.numpy() - np.float32(case.get("frequencyPenalty", 0)) * counts
    scores = scores - np.float32(case.get("presencePenalty", 0)) * (counts > 0)
    return torch.tensor(scores, dtype=torch.float32)


def probabilities(scores, case):
    if "temperature" in case:
        scores = TemperatureLogitsWarper(case["temperature"])(None, scores)
    if "minP" in case:
        scores = MinPLogitsWarper(case["minP"])(None, scores)
    if "topK" in case:
        scores = TopKLogitsWarper(case["topK"])(None, scores)
    if "topP" in case:
        scores = TopPLogitsWarper(case["topP"])(None, scores)
    return torch.softmax(scores, -1)[0].double()


def main():
    random = np.random.default_rng(20240607)
    rows = [
        [round(float(x), 3) for x in random.normal(0, scale, VOCABULARY)] for scale in (0.5, 2, 5)
    ]
    out = []
    for index, row in enumerate(rows):
        logprobs = torch.log_softmax(torch.tensor(row), -1)
        for case in CASES:
            scores = processed(row, case)
            kept = {
                str(i): round(float(p), 9)
                for i, p in enumerate(probabilities(scores, case))
                if p > 0
            }
            out.append(
                {
                    "row": index,
                    **{k: v for k, v in case.items() if k != "logitBias"},
                    "biased": bool(case.get("logitBias")),
                    "greedy": int(scores.argmax()),
                    "probabilities": kept,
                }
            )
        out[-1]["logprobs"] = [round(float(x), 6) for x in logprobs]
    print(
        json.dumps(
            {
                "prompt": PROMPT,
                "output": OUTPUT,
                "bias": {str(k): v for k, v in BIAS.items()},
                "rows": rows,
                "cases": out,
            },
            indent=None,
            separators=(",", ":"),
        ).replace('{"row"', '\n{"row"')
    )


if __name__ == "__main__":
    main()
