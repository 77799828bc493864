"""Greedy tokens and rotary frequencies of transformers, for the token-identity tests.

    python reference_tokens.py MODELS_DIR OUT_DIR            writes tokens.json and rope.json
    python reference_tokens.py --check MODELS_DIR OUT_DIR    compares, for another version
    python reference_tokens.py --configs MODELS_DIR OUT_DIR  writes configs-MAJOR.json: what this
                                                             version makes of each config.json

MODELS_DIR is what the main method of io.hfx.engine.identity.References writes: one checkpoint of
`hfx model create` per folder. OUT_DIR is src/test/resources/identity. Tokens are made in float32
with eager attention on one thread. Needs torch and transformers; transformers 4 checks the
checkpoints whose config.json is in its words, those without rope_parameters.
"""
import hashlib
import json
import pathlib
import random
import sys

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

TINY = "sample-tiny"
TINY_PROMPTS = [1, 2, 5, 17, 33, 64, 100, 200, 450, 1000, 1500]
TINY_TOKENS = 48
# Around the window of 16 and the original context of 64 of the forms, and up to their end at 512.
FORM_PROMPTS = [1, 2, 15, 16, 17, 33, 64, 65, 130, 257, 488]
FORM_TOKENS = 24

ROPE_POSITION = 16_000
ROPES = [
    {"rope_theta": 10000.0},
    {"rope_theta": 1e6, "rope_scaling": {"type": "linear", "factor": 4.0}},
    {"rope_theta": 1e4, "rope_scaling": {"type": "dynamic", "factor": 2.0}},
    {"rope_theta": 500000.0, "rope_scaling": {
        "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192}},
    {"rope_theta": 500000.0, "rope_scaling": {
        "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.5, "high_freq_factor": 3.0,
        "original_max_position_embeddings": 512}},
    {"rope_theta": 1e6, "rope_scaling": {
        "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}},
    {"rope_theta": 1e6, "rope_scaling": {"type": "yarn", "factor": 4.0}},
    {"rope_theta": 1e4, "rope_scaling": {
        "rope_type": "yarn", "factor": 16.0, "original_max_position_embeddings": 4096,
        "attention_factor": 1.5, "beta_fast": 20.0, "beta_slow": 3.0}},
    {"rope_theta": 1e4, "rope_scaling": {
        "rope_type": "yarn", "factor": 40.0, "original_max_position_embeddings": 4096,
        "mscale": 1.0, "mscale_all_dim": 0.5, "truncate": False}},
    {"rope_theta": 1e4, "rope_scaling": {
        "rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 4096,
        "beta_fast": 2.0, "beta_slow": 2.0, "mscale": 0.7}},
]


def sha256(folder):
    digest = hashlib.sha256()
    for name in ["config.json", "model.safetensors"]:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()


def load(folder):
    config = AutoConfig.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


@torch.no_grad()
def generate(model, prompt, tokens_wanted):
    tokens, margins, cache = [], [], None
    ids = torch.tensor([prompt])
    for _ in range(tokens_wanted):
        out = model(input_ids=ids, past_key_values=cache, use_cache=True)
        cache = out.past_key_values
        logits = out.logits[0, -1]
        top = torch.topk(logits, 2).values
        token = int(torch.argmax(logits))
        tokens.append(token)
        margins.append(round(float(top[0] - top[1]), 5))
        ids = torch.tensor([[token]])
    return {"prompt": prompt, "tokens": tokens, "margins": margins}


def cases(folder):
    lengths, wanted = FORM_PROMPTS, FORM_TOKENS
    if folder.name == TINY:
        lengths, wanted = TINY_PROMPTS, TINY_TOKENS
    model = load(folder)
    rng = random.Random(folder.name)
    vocabulary = model.config.vocab_size
    found = []
    for length in lengths:
        prompt = [rng.randrange(vocabulary) for _ in range(length)]
        found.append(generate(model, prompt, wanted))
    low = sum(m < 1e-3 for c in found for m in c["margins"])
    print(folder.name, "low margins", low, "distinct", [len(set(c["tokens"])) for c in found])
    return found


def ropes():
    found = []
    for rope in ROPES:
        fields = {"hidden_size": 512, "num_attention_heads": 8, "head_dim": 64,
                  "max_position_embeddings": 16384, **rope}
        embedding = LlamaRotaryEmbedding(LlamaConfig(**json.loads(json.dumps(fields))))
        cos, sin = embedding(torch.zeros(1), torch.tensor([[ROPE_POSITION]]))
        found.append({
            "config": rope,
            "frequencies": embedding.inv_freq.tolist(),
            "scale": embedding.attention_scaling,
            "position": ROPE_POSITION,
            "cos": cos[0, 0, :32].tolist(),
            "sin": sin[0, 0, :32].tolist(),
        })
    return found


@torch.no_grad()
def dynamic_beyond(folder):
    """Dynamic NTK past max_position_embeddings: one pass over a prompt against two."""
    prompt = torch.tensor([[i * 7 % 600 for i in range(800)]])
    whole = load(folder)(input_ids=prompt).logits[0, -1]
    model = load(folder)
    half = model(input_ids=prompt[:, :400], use_cache=True)
    rest = model(input_ids=prompt[:, 400:], past_key_values=half.past_key_values)
    difference = float((whole - rest.logits[0, -1]).abs().max())
    print("llama-dynamic, 800 of 512 positions, in one pass and in two: logits differ by",
          round(difference, 3), "of a deviation of", round(float(whole.std()), 3))


def configs(folders):
    """Each config.json as this version saves it, left out where it cannot read all of it."""
    found = {}
    for folder in sorted(folders.iterdir()):
        if transformers.__version__ < "5" and "rope_parameters" in (
                folder / "config.json").read_text():
            continue
        config = AutoConfig.from_pretrained(folder)
        found[folder.name] = json.loads(config.to_json_string())
    return found


def check(folders, out):
    for model in json.loads((out / "tokens.json").read_text())["models"]:
        folder = folders / model["name"]
        if transformers.__version__ < "5" and "rope_parameters" in (
                folder / "config.json").read_text():
            print(model["name"], "is in the words of transformers 5, left out")
            continue
        assert model["sha256"] == sha256(folder), model["name"]
        for expected, found in zip(model["cases"], cases(folder)):
            for i, margin in enumerate(expected["margins"]):
                if expected["tokens"][i] != found["tokens"][i]:
                    assert margin < 1e-3, (model["name"], len(expected["prompt"]), i, margin)
                    break
        print(model["name"], "has the same tokens")


def main():
    torch.set_num_threads(1)
    folders, out = map(pathlib.Path, sys.argv[-2:])
    print("transformers", transformers.__version__, "torch", torch.__version__)
    if "--check" in sys.argv:
        check(folders, out)
        return
    if "--configs" in sys.argv:
        with open(out / f"configs-{transformers.__version__[0]}.json", "w") as file:
            json.dump(configs(folders), file, indent=1)
            file.write("\n")
        return
    version = {"transformers": transformers.__version__, "torch": torch.__version__}
    models = [
        {"name": folder.name, "sha256": sha256(folder), "cases": cases(folder)}
        for folder in sorted(folders.iterdir())]
    dynamic_beyond(folders / "llama-dynamic")
    for name, key, value in [("tokens", "models", models), ("rope", "ropes", ropes())]:
        with open(out / (name + ".json"), "w") as file:
            json.dump({"reference": version, key: value}, file)
            file.write("\n")


main()
