"""Writes what transformers makes of some texts and conversations, for TextReferenceTest.

Usage: make_text_reference.py TINY_MODEL_DIR > src/test/resources/io/hfx/engine/text/reference.json
The model is that of `hfx model create --size tiny`. Needs transformers and jinja2.
"""

import json
import sys

from transformers import AutoTokenizer

TEXTS = [
    "",
    "Hello, world!",
    "The quick brown fox jumps over the lazy dog.",
    "  two  blanks,\ttab,\n\nand lines\r\n",
    "It's 42% of 1,234.56 -- isn't it? we'll see",
    "Grüße aus Köln, çà et là, naïve café",
    "日本語のテキスト、中文字符，한국어",
    "emoji 👩‍👩‍👧‍👦 🎉🏳️‍🌈 done",
    "<|im_start|>user\nhi<|im_end|>",
    "e\u0301 combined and \u00e9 whole, zero\u200bwidth",
    "def f(x):\n    return x ** 2  # code",
]

CONVERSATIONS = [
    [{"role": "user", "content": "Hello!"}],
    [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "What is 2 + 2?\nExplain."},
        {"role": "assistant", "content": "4"},
        {"role": "user", "content": "  keep   blanks \n"},
    ],
    [{"role": "user", "content": "{{ 7 * 7 }} {% if x %} 'quotes' \"double\" <b>&amp;</b> \\n 日本 🎉"}],
]


def main():
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    texts = []
    for text in TEXTS:
        ids = tokenizer(text, add_special_tokens=False).input_ids
        texts.append(
            {
                "text": text,
                "ids": ids,
                "idsWithSpecial": tokenizer(text, add_special_tokens=True).input_ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=False),
                "decodedSkipped": tokenizer.decode(ids, skip_special_tokens=True),
            }
        )
    chats = [
        {
            "messages": messages,
            "text": tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            ),
        }
        for messages in CONVERSATIONS
    ]
    json.dump({"texts": texts, "chats": chats}, sys.stdout, indent=1)
    print()


main()
