"""Greedy tokens of transformers (float32, eager attention) for the token-identity tests.

    python reference_tokens.py MODELS_DIR OUT.json

MODELS_DIR is what the main method of io.hfx.engine.identity.MicroModel writes: one checkpoint per
folder, with its identity beside it. Needs torch and transformers.
"""
import json
import pathlib
import random
import sys

import torch
from transformers import LlamaConfig, LlamaForCausalLM

PROMPTS = {"sample-tiny": [1, 2, 5, 17, 33, 64, 100, 200, 450, 1000, 1500]}
SHORT_PROMPTS = [1, 7, 17, 40, 129, 300]
NEW_TOKENS = 48


@torch.no_grad()
def generate(model, prompt):
    tokens, margins, cache = [], [], None
    ids = torch.tensor([prompt])
    for _ in range(NEW_TOKENS):
        out = model(input_ids=ids, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        logits = out.logits[0, -1]
        top = torch.topk(logits, 2).values
        token = int(torch.argmax(logits))
        tokens.append(token)
        margins.append(round(float(top[0] - top[1]), 5))
        ids = torch.tensor([[token]])
    return {"prompt": prompt, "tokens": tokens, "margins": margins}


def main():
    torch.set_num_threads(1)
    models = []
    for folder in sorted(pathlib.Path(sys.argv[1]).iterdir()):
        config = LlamaConfig.from_pretrained(folder)
        model = LlamaForCausalLM.from_pretrained(
            folder, config=config, dtype=torch.float32, attn_implementation="eager")
        model.eval()
        rng = random.Random(folder.name)
        cases = [
            generate(model, [rng.randrange(config.vocab_size) for _ in range(length)])
            for length in PROMPTS.get(folder.name, SHORT_PROMPTS)]
        low = sum(m < 1e-3 for c in cases for m in c["margins"])
        distinct = [len(set(c["tokens"])) for c in cases]
        print(folder.name, "low margins", low, "distinct tokens", distinct)
        models.append({
            "name": folder.name,
            "sha256": (folder / "sha256").read_text(),
            "cases": cases,
        })
    with open(sys.argv[2], "w") as out:
        json.dump({"reference": "transformers, float32, eager", "models": models}, out)
        out.write("\n")


main()
