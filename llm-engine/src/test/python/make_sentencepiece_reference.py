"""Builds a small tokenizer like Llama 2's and writes what transformers makes of some texts.

Usage: make_sentencepiece_reference.py src/test/resources/io/hfx/engine/text/sentencepiece
Writes tokenizer.json and reference.json there, for SentencePieceTest. Needs transformers.
"""

import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, processors
from transformers import PreTrainedTokenizerFast

PIECES = ["▁", *"abcdefghilmnorstuwyHTW.,!'", "é", "日", "th", "he", "▁the", "▁H", "el", "lo", "▁Hel", "▁Hello", "▁w", "or", "▁wor", "▁▁"]
MERGES = [("t", "h"), ("h", "e"), ("▁", "the"), ("▁", "H"), ("e", "l"), ("l", "o"), ("▁H", "el"), ("▁Hel", "lo"), ("▁", "w"), ("o", "r"), ("▁w", "or"), ("▁", "▁"), ("th", "e")]
TEXTS = [
    "", " ", "Hello", " Hello", "Hello the world.", "  two  blanks ", "H\ntail\t!", "日本語のé, éé", "emoji 🎉👩‍👩‍👧‍👦!",
    "<s>Hello</s>", "Hello<s> the</s> world", "<think>the</think> world", "x<0x41>y", "▁the", "the\u00a0\u200bend",
]


def build():
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for b in range(256):
        vocab[f"<0x{b:02X}>"] = len(vocab)
    for piece in [*PIECES, "the"]:
        vocab.setdefault(piece, len(vocab))
    tokenizer = Tokenizer(models.BPE(vocab, MERGES, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in ("<unk>", "<s>", "</s>")])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in ("<think>", "</think>")])
    return tokenizer


def main():
    folder = pathlib.Path(sys.argv[1])
    tokenizer = build()
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    rows = []
    for text in TEXTS:
        ids = fast(text, add_special_tokens=False).input_ids
        rows.append(
            {
                "text": text,
                "ids": ids,
                "idsWithSpecial": fast(text).input_ids,
                "decoded": fast.decode(ids, skip_special_tokens=False),
                "decodedSkipped": fast.decode(ids, skip_special_tokens=True),
            }
        )
    (folder / "reference.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")


main()
