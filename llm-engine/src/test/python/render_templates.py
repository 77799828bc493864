"""Renders the chat templates of a folder as transformers does, for FolderTemplatesTest.

Usage: render_templates.py FOLDER < src/test/resources/io/hfx/engine/text/conversations.json
Writes FOLDER/expected.json. Needs transformers and jinja2. The clock stands still, as in the test.
"""

import datetime
import json
import pathlib
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

NOW = datetime.datetime(2026, 1, 5, 8, 7, 9)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


def render(template, case):
    variables = {
        "tools": None,
        "documents": None,
        "add_generation_prompt": False,
        **TOKENS,
        **case.get("variables", {}),
        **{k: v for k, v in case.items() if k not in ("name", "variables")},
    }
    try:
        text = template.render(strftime_now=NOW.strftime, **variables)
        text.encode()
        return {"text": text}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = json.load(sys.stdin)
    expected = {}
    for file in sorted(folder.glob("*.jinja")):
        try:
            template = _compile_jinja_template(file.read_text(encoding="utf-8"))
        except Exception as e:
            expected[file.name] = {"error": f"{type(e).__name__}: {e}"}
            continue
        expected[file.name] = {"cases": {c["name"]: render(template, c) for c in cases}}
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1))
    print(len(expected), "templates,", len(cases), "conversations each")


main()
