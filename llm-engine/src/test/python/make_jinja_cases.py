"""Writes what transformers' Jinja makes of small templates, for JinjaReferenceTest.

Usage: make_jinja_cases.py > src/test/resources/io/hfx/engine/text/jinja-cases.json
Needs transformers and jinja2. A case without "text" is one that Jinja refuses.
"""

import datetime
import itertools
import json
import sys

from transformers.utils.chat_template_utils import _compile_jinja_template

NOW = datetime.datetime(2026, 1, 5, 8, 7, 9, 123456)

VARIABLES = {
    "s": "Hello wörld, it's  a “test” 🎉",
    "empty": "",
    "blank": " \t\n padded \u00a0\n",
    "html": "<a href=\"x\">&'</a>",
    "lines": "one\ntwo\n\nfour\r\nfive",
    "n": 7,
    "neg": -3,
    "zero": 0,
    "big": 18446744073709551615,
    "f": 2.5,
    "tiny": 1e-7,
    "huge": 1e16,
    "yes": True,
    "no": False,
    "null": None,
    "xs": [3, 1, 2],
    "words": ["b", "A", "c", "B", "a"],
    "mixed": [1, "x", None, True, 2.0, [1], {"k": "v"}],
    "nested": [[1, 2], [3], []],
    "d": {"b": 1, "a": {"c": [1, 2, {"e": None}]}, "items": "shadow", "Z": 3},
    "none_d": {},
    "people": [
        {"name": "Ann", "age": 31, "tags": ["x"], "extra": {"deep": 1}},
        {"name": "bob", "age": 25, "tags": []},
        {"name": "Cid", "age": 31, "admin": True, "extra": {"deep": 0}},
    ],
    "schema": {
        "type": "function",
        "function": {"name": "f", "description": "Quotes \" ' \\ / \u0001 \u007f é 🎉 <b>", "parameters": {}},
    },
}

ATOMS = ["s", "empty", "n", "neg", "zero", "big", "f", "tiny", "huge", "yes", "no", "null", "xs", "d", "none_d", "nope", "mixed"]


def unary():
    for atom in ATOMS:
        for form in (
            "{{ %s }}", "{{ [%s] }}", "{{ (%s,) }}", "{{ not %s }}", "{{ -%s }}", "{{ +%s }}", "{{ %s ~ '' }}",
            "{{ %s|string }}", "{{ %s|tojson }}", "{{ %s|length }}", "{{ %s|list }}", "{{ %s|int }}", "{{ %s|float }}",
            "{{ %s|trim }}", "{{ %s|upper }}", "{{ %s|default('D') }}", "{{ %s|d('D', true) }}", "{{ %s|first }}",
            "{{ %s|last }}", "{{ %s.foo }}", "{{ %s['foo'] }}", "{{ %s[0] }}", "{{ %s[1:] }}", "{{ %s|abs }}",
            "{{ %s|reverse|list }}", "{{ %s|join('-') }}", "{{ %s|sum }}", "{{ %s|max }}", "{{ %s|round }}",
            "{{ %s|sort }}", "{{ %s|select|list }}", "{{ %s|items|list }}", "{{ %s|dictsort }}", "{{ %s|escape }}",
            "{%% for x in %s %%}{{ x }};{%% else %%}none{%% endfor %%}", "{{ %s() }}", "{{ 'y' if %s else 'n' }}",
            "{{ %s and 1 }}", "{{ %s or 1 }}", "{{ %s in [1, none, 'x'] }}", "{{ 1 in %s }}", "{{ 'a' in %s }}",
        ):
            yield form % atom


def tests():
    names = ["defined", "undefined", "none", "string", "mapping", "iterable", "sequence", "number", "integer", "float",
             "boolean", "true", "false", "callable", "odd", "even", "lower", "upper", "divisibleby(2)", "eq 7",
             "equalto('')", "ne none", "gt 1", "lt 3", "ge 7", "le 7", "in [7, '', none]", "sameas true", "sameas none"]
    for atom, name in itertools.product(ATOMS, names):
        yield "{{ %s is %s }}{{ %s is not %s }}" % (atom, name, atom, name)


def binary():
    atoms = ["s", "n", "neg", "zero", "f", "big", "yes", "null", "xs", "d", "nope", "'3'", "(1, 2)"]
    for a, b in itertools.product(atoms, atoms):
        for op in ("+", "-", "*", "/", "//", "%", "==", "!=", "<", ">=", "in", "not in", "~"):
            if op == "*" and "big" in (a, b) and {a, b} & {"s", "xs", "'3'", "(1, 2)"}:
                continue
            yield "{{ %s %s %s }}" % (a, op, b)
    for a, b in itertools.product(["2", "0", "-2", "f", "n", "true"], ["0", "3", "-1", "0.5"]):
        yield "{{ %s ** %s }}" % (a, b)


SLICES = ["[%s]" % x for x in ["0", "-1", "2", "99", "-99", ":", "1:", ":-1", "::2", "::-1", "-2:", "3:1", "3:1:-1", ":99", "-99:2", "5::-2", "none:2", "'a'", "1.0", "true"]]


def slices():
    for value, cut in itertools.product(["s", "xs", "words", "(1, 2, 3)", "range(5)", "d", "'a🎉c'"], SLICES):
        yield "{{ %s%s%s }}" % (value, cut, "|list" if value.startswith("range") and ":" in cut else "")


TEXT = """
{{ s.upper() }}|{{ s.lower() }}|{{ s.title() }}|{{ s.capitalize() }}|{{ s.swapcase() }}
{{ "they're bill's friends".title() }}{{ "they're bill's-own (x) friends"|title }}{{ 'ǆ ß ﬁ İ'|title }}{{ 'ß'.upper() }}{{ 'hELLO wORLD'|capitalize }}
{{ blank.strip() }}|{{ blank.lstrip() }}|{{ blank.rstrip() }}|{{ blank|trim }}|{{ 'xxaxx'|trim('x') }}|{{ 'xyaxy'.strip('yx') }}|{{ 'abc'.lstrip('ba') }}|{{ 'abc'.rstrip('cb') }}
{{ s.startswith('Hello') }}{{ s.startswith(('x', 'He')) }}{{ s.endswith('🎉') }}{{ s.endswith('x') }}{{ ''.startswith('') }}
{{ s.split() }}|{{ s.split(' ') }}|{{ s.split(',', 1) }}|{{ 'a--b--c'.split('--') }}|{{ 'a b  c d'.split(none, 2) }}|{{ ''.split() }}|{{ ''.split('x') }}|{{ 'a,b,c'.rsplit(',', 1) }}|{{ 'abc'.rsplit('x') }}
{{ 'a,b,c'.split(sep=',', maxsplit=1) }}{{ 'aXbXc'.split('X')[-1] }}{{ '</think>x</think>y'.split('</think>')[0].rstrip('\\n').split('<think>')[-1] }}
{{ lines.splitlines() }}{{ 'a\\n'.splitlines() }}{{ ''.splitlines() }}{{ 'a\\x0bb\\x1cc\\u2028d'.splitlines() }}
{{ s.find('w') }}{{ s.find('zz') }}{{ '🎉a'.find('a') }}{{ s.rfind('l') }}{{ 'abcabc'.find('b', 2) }}{{ 'abc'.index('c') }}{{ 'abcabc'.count('bc') }}{{ 'aaa'.count('aa') }}{{ 'ab'.count('') }}
{{ 'abc'.index('z') }}
{{ s.replace('l', 'L') }}|{{ s.replace('l', 'L', 1) }}|{{ 'abc'.replace('', '-') }}|{{ 'abc'.replace('', '-', 2) }}|{{ s|replace('l', 'L') }}|{{ s|replace('l', 'L', 2) }}|{{ 121|replace(1, 'x') }}
{{ '-'.join(['a', 'b']) }}|{{ ''.join([]) }}|{{ ','.join('abc') }}
{{ '-'.join([1]) }}
{{ '{} and {}'.format(1, 'x') }}|{{ '{1}{0}'.format('a', 'b') }}|{{ '{x}!{y}'.format(x=1, y=none) }}|{{ '{{}}{}'.format(2) }}|{{ '{!r}'.format("it's") }}|{{ '{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}'.format('a', 'b', 'c', 42, 3.14159, 1234567) }}
{{ '{}'.format() }}
{{ '%s-%d-%5.2f-%x-%r-%%' % ('a', 3, 2.345, 255, 'q') }}|{{ '%s' % 'x' }}|{{ '%05d|%-5s|%+d' % (42, 'a', 3) }}|{{ '%(a)s' % {'a': 1} }}|{{ '%s, %s!'|format('Hi', 'you') }}
{{ '%d' % 'x' }}
{{ '%s %s' % 'x' }}
{{ '%s' % ('x', 'y') }}
{{ '12'.isdigit() }}{{ '1a'.isalnum() }}{{ 'ab'.isalpha() }}{{ ''.isalpha() }}{{ ' \\t'.isspace() }}{{ 'AB1'.isupper() }}{{ 'ab1'.islower() }}{{ '1'.isupper() }}
{{ 'prefix-x'.removeprefix('prefix-') }}{{ 'x.py'.removesuffix('.py') }}{{ 'x'.removeprefix('y') }}
{{ 'a=b=c'.partition('=') }}{{ 'a=b=c'.rpartition('=') }}{{ 'abc'.partition('=') }}{{ 'abc'.rpartition('=') }}
{{ '42'.zfill(5) }}{{ '-42'.zfill(5) }}{{ 'ab'.center(7) }}|{{ 'abc'.center(6) }}|{{ 'ab'.ljust(4, '.') }}{{ 'ab'.rjust(4) }}|{{ 'abc'|center(8) }}|
{{ s|wordcount }}{{ lines|indent }}|{{ lines|indent(2, true) }}|{{ lines|indent('> ', blank=true) }}|{{ ''|indent }}|{{ 'x\\n'|indent }}|
{{ html|escape }}|{{ html|e|e }}|{{ html|safe }}|{{ html|forceescape }}|{{ (html|safe) + '<' }}|{{ '<' + (html|e) }}|{{ (html|safe) ~ '<' }}
{{ "it's" }}{{ ["it's", 'say "x"', 'both \\' "', 'tab\\t', 'nl\\n', '\\x00\\x7f\\xa0é\\u200b🎉\\\\'] }}
{{ 'a' 'b' "c" }}{{ 'A\\u00e9\\x41\\101\\q' }}{{ "\\"" }}
{{ s|length }}{{ '🎉'|length }}{{ s|count }}{{ s|list|length }}{{ s|reverse }}{{ s|first }}{{ s|last }}
{{ s.no_such() }}
{{ s.__class__ }}|{{ s.nope is defined }}
{{ '1_000'|int }}|{{ ' 42 '|int }}|{{ '4.9'|int }}|{{ 'x'|int(5) }}|{{ 'ff'|int(base=16) }}|{{ '0x1f'|int(0, 16) }}|{{ 'x'|int(default=-1) }}|{{ '1e3'|float }}|{{ 'x'|float(1.5) }}|{{ -7.9|int }}|{{ none|int }}|{{ true|int }}
{{ 2.5|round }}|{{ 3.5|round }}|{{ 2.675|round(2) }}|{{ 2.1|round(method='ceil') }}|{{ 2.19|round(1, 'floor') }}|{{ 7|round }}|{{ 1234.5|round(-2) }}
{{ 1/3 }}|{{ 0.1 + 0.2 }}|{{ 1e22 }}|{{ 123456789.125 }}|{{ 1.0 }}|{{ 1e-5 }}|{{ 0.0001 }}|{{ 100000000000000000.0 }}|{{ -0.0 }}|{{ 5e-324 }}|{{ 1.7976931348623157e308 }}
{{ 10 // 3 }}{{ -10 // 3 }}{{ -10 % 3 }}{{ 10 % -3 }}{{ 5.5 // 2 }}{{ -5.5 % 2 }}{{ 2 ** 10 }}{{ 2 ** 3 ** 2 }}{{ -2 ** 2 }}{{ 7 / 2 }}{{ 1_000 + 0x1f + 0b11 + 0o17 }}
{{ 1 / 0 }}
{{ 5 % 0 }}
{{ 2 ** 100 }}{{ big + 1 }}{{ big * big }}{{ true + true }}{{ 1 == 1.0 == true }}{{ '1' == 1 }}{{ [1, 2] == [1.0, 2] }}{{ (1,) == [1] }}{{ {'a': 1} == {'a': 1.0} }}
{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ 'a' < 'b' }}{{ [1, 2] < [1, 3] }}{{ 'A' < 'a' }}{{ 'z' < '🎉' }}{{ '\uffff' < '🎉' }}
{{ not 1 == 2 }}{{ not true and false }}{{ 1 or 2 and 3 }}{{ 'a' ~ 1 + 2 ~ 'b' }}{{ 2 + 3 * 4 - 1 }}{{ 'x' in 'xyz' and 'q' not in 'xyz' }}{{ 1 if false else 2 if false else 3 }}{{ 1 if false }}|
{{ (1 if false).x }}
{{ -1|abs }}{{ (-1)|abs }}{{ -n|abs }}{{ 'a' ~ -1 }}{{ 3|string + '4' }}{{ 1 + 1|string|length }}
"""

DATA = """
{{ d }}|{{ d.a.c }}|{{ d['a']['c'][2].e }}|{{ d.items }}
{{ d.keys() }}|{{ d.values() }}|{{ d['items'] }}|{{ none_d.items() }}|{{ d.keys()|list }}|{{ d|list }}
{{ d.get('b') }}{{ d.get('x') }}{{ d.get('x', 'y') }}{{ d.b }}{{ d.missing }}|{{ d.missing.deep }}
{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}{% for k in d %}{{ k }}{% endfor %}{{ d|length }}{{ 'b' in d }}{{ 'q' not in d }}
{% for k, v in d|items %}{{ k }};{% endfor %}{{ d|dictsort }}|{{ d|dictsort(true) }}|{{ {'x': 2, 'y': 1}|dictsort(by='value') }}|{{ {'x': 2, 'y': 1}|dictsort(reverse=true) }}
{{ {'a': 1, 2: 'b', none: 3, true: 4, 1.5: 5} }}{{ {1: 'a', true: 'b'} }}{{ {'a': 1, 'a': 2} }}{{ {} }}{{ {'x': {'y': {}}}['x'] }}
{{ {[1]: 2} }}
{{ d.update({'x': 1}) }}
{{ xs.append(4) }}
{{ xs.pop() }}
{{ xs.count(1) }}{{ xs.index(2) }}{{ xs.copy() }}{{ (1, 2).count(1) }}
{{ xs.index(9) }}
{{ xs|sort }}{{ xs|sort(true) }}{{ words|sort }}{{ words|sort(case_sensitive=true) }}{{ people|sort(attribute='age')|map(attribute='name')|list }}{{ people|sort(attribute='age,name', reverse=true)|map(attribute='name')|join(',') }}
{{ mixed|sort }}
{{ words|unique|list }}{{ words|unique(true)|list }}{{ people|unique(attribute='age')|map(attribute='name')|list }}
{{ xs|min }}{{ xs|max }}{{ words|min }}{{ words|max }}{{ []|max }}|{{ people|max(attribute='age') }}{{ xs|sum }}{{ people|sum(attribute='age') }}{{ xs|sum(start=10) }}{{ nested|sum(start=[]) }}
{{ xs|first }}{{ xs|last }}{{ []|first }}|{{ []|last }}|{{ xs|join }}{{ xs|join(', ') }}{{ people|join('/', attribute='name') }}{{ mixed|join(' ') }}{{ []|join('x') }}|
{{ xs|reverse|list }}{{ xs|reverse }}
{{ xs|batch(2)|list }}{{ xs|batch(2, 'x')|list }}{{ xs|slice(2)|list }}{{ xs|slice(2, 'x')|list }}{{ range(10)|slice(3)|list }}
{{ people|map(attribute='name')|list }}{{ people|map(attribute='extra.deep', default='-')|list }}{{ people|map(attribute='tags.0')|list }}{{ words|map('upper')|list }}{{ nested|map('length')|list }}{{ nested|map('join', '+')|list }}{{ words|map('replace', 'a', 'x')|join }}
{{ people|selectattr('admin')|map(attribute='name')|list }}{{ people|selectattr('admin', 'defined')|list|length }}{{ people|selectattr('age', 'equalto', 31)|map(attribute='name')|list }}{{ people|rejectattr('age', 'gt', 30)|map(attribute='name')|list }}{{ people|selectattr('extra.deep')|list|length }}{{ people|selectattr('name', 'in', ['bob'])|list|length }}
{{ [1, 0, none, 'x', '']|select|list }}{{ [1, 0, 2]|reject|list }}{{ range(6)|select('odd')|list }}{{ range(6)|reject('divisibleby', 3)|list }}{{ words|select('equalto', 'a')|list }}{{ xs|select('>', 1)|list }}
{{ xs|select|length }}
{% set g = xs|select %}{{ g|list }}{{ g|list }}{{ 'true' if []|select else 'false' }}{{ xs|map('string')|first }}
{{ xs|map('nope')|list }}
{{ xs|map }}
{{ people|selectattr }}
{{ null|select|list }}{{ ''|map('upper')|list }}
{{ range(3)|list }}{{ range(1, 7, 2)|list }}{{ range(5, 0, -2)|list }}{{ range(0)|list }}{{ range(3)|length }}{{ 2 in range(3) }}{{ range(3)[1] }}{{ range(3)|last }}
{{ range(100001) }}
{{ range(1, 2, 0) }}
{{ dict(a=1, b=dict(c=2)) }}{{ dict({'x': 1}, y=2) }}{{ dict() }}
{{ [1, 2] + [3] }}{{ (1,) + (2,) }}{{ [0] * 3 }}{{ 'ab' * 2 }}{{ 2 * 'ab' }}{{ [] * 5 }}{{ (1, 'a', none,) }}{{ () }}{{ [1, 2,] }}
{{ mixed }}{{ mixed|string }}{{ mixed|tojson }}{{ (1, 2)|tojson }}{{ s|tojson }}{{ schema|tojson }}{{ schema|tojson(ensure_ascii=true) }}
{{ schema|tojson(indent=2) }}{{ mixed|tojson(indent=4) }}{{ {'b': [], 'a': {}}|tojson(indent=2, sort_keys=true) }}{{ d|tojson(separators=(',', ':')) }}{{ d|tojson(indent='\t', separators=(',', '=')) }}{{ [1]|tojson(indent=0) }}
{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}{{ [1e16, 1e-7, 0.1, -0.0, 1.0, 18446744073709551616]|tojson }}{{ '\\u2028</script>&\\x7f'|tojson }}
{{ nope|tojson }}
{{ range(3)|tojson }}
{{ xs|select|tojson }}
{{ {(1, 2): 3}|tojson }}
{{ d|attr('b') }}|{{ 'x'|attr('upper') is callable }}{{ nope is callable }}{{ range is callable }}
{{ nope }}|{{ nope|default('x') }}|{{ d.x|default(d.y)|default('z') }}|{{ none|default('x') }}|{{ ''|default('x', true) }}|{{ ''|default('x', boolean=true) }}|{{ nope|d }}|{{ nope|string }}|{{ [nope] }}|{{ nope ~ 'x' }}|{{ nope == nope2 }}|{{ nope == none }}|{{ nope is defined }}
{{ nope.x }}
{{ nope['x'] }}
{{ nope + 1 }}
{{ nope < 1 }}
{{ nope() }}
{{ null.x }}|{{ null['x'] }}|{{ (null.x) is defined }}|{{ n.x }}|{{ xs.x }}|{{ xs['x'] }}|{{ xs[10] }}|{{ s['upper']() }}
{{ null.x.y }}
{{ null + 'x' }}
{{ 'x' + 1 }}
{{ 'x' in null }}
{{ 1 in 'x' }}
{{ null|length }}
{{ null|items }}
{{ s|nope }}
{{ s is nope }}
{% if false %}{{ s|nope }}{{ s is nope }}{% endif %}fine
{{ 'a' is filter }}
{{ 'upper' is filter }}{{ 'nope' is filter }}{{ 'odd' is test }}{{ 'nope' is test }}{{ 3 is odd }}{{ 4 is divisibleby 2 }}{{ 4 is divisibleby(3) }}{{ n is gt 3 and n is lt 9 }}{{ n is not none }}{{ not n is none }}{{ 'a' is in 'abc' }}{{ (html|e) is escaped }}{{ n is number and n is integer }}
{{ raise_exception('no ' ~ n) }}
{{ strftime_now('%Y-%m-%d') }}|{{ strftime_now('%d %b %Y') }}|{{ strftime_now('%A %B %e %H:%M:%S %p %I %j %y %a %f %% %u %w %V') }}|{{ strftime_now('%-d.%-m. %F %T %R %D %h') }}|{{ strftime_now('') }}
{% set j = joiner('; ') %}{{ j() }}a{{ j() }}b{{ j() }}
"""

STATEMENTS = [
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.previtem }}{{ loop.nextitem }}|{% endfor %}",
    "{% for x in xs %}{{ loop.cycle('a', 'b') }}{{ loop.changed(x > 1) }}{% endfor %}",
    "{% for x in xs if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% else %}none{% endfor %}{% for x in xs if x > 9 %}x{% else %}none{% endfor %}",
    "{% for a in nested %}{% for b in a %}{{ loop.index }}{{ b }}{% else %}-{% endfor %}{{ loop.index }};{% endfor %}",
    "{% for x in range(9) %}{% if x == 2 %}{% continue %}{% endif %}{% if x > 4 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for a in nested %}{% for b in a %}{% if b == 1 %}{% break %}{% endif %}{{ b }}{% endfor %}.{% endfor %}",
    "{% for a, b in [(1, 2), [3, 4], 'xy'] %}{{ a }}-{{ b }} {% endfor %}{% for (a, b) in [(1, 2)] %}{{ a + b }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{{ a }}{% endfor %}",
    "{% for c in 'aé🎉' %}[{{ c }}]{% endfor %}{% for x in (1, 2) %}{{ x }}{% endfor %}{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% for x in none %}{% endfor %}", "{% for x in 3 %}{% endfor %}",
    "{% set x = 1 %}{% for y in xs %}{{ x }}{% set x = y %}{{ x }}{% endfor %}{{ x }}",
    "{% set ns = namespace(a=1, b=[]) %}{% for y in xs %}{% set ns.a = ns.a + y %}{% set ns.b = ns.b + [y] %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}|{{ ns.c is defined }}",
    "{% set ns = namespace({'x': 1}, y=2) %}{{ ns.x }}{{ ns.y }}", "{% set d.x = 1 %}", "{% set nope.x = 1 %}",
    "{% if n > 5 %}a{% elif n > 3 %}b{% else %}c{% endif %}{% if no %}a{% elif yes %}b{% else %}c{% endif %}{% if no %}a{% endif %}|{% if xs %}x{% endif %}{% if not none_d %}y{% endif %}",
    "{% if yes %}{% set q = 1 %}{% endif %}{{ q }}{% if no %}{% set r = 1 %}{% endif %}{{ r is defined }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set (a, b) = (b, a) %}{{ a }}{{ b }}{% set t = 1, 2 %}{{ t }}{% set a, b = 'xy' %}{{ a }}",
    "{% set x %}  in {{ n }} {% endset %}[{{ x }}]{{ x is string }}{% set x | upper | trim %} abc {% endset %}[{{ x }}]",
    "{% filter upper %}abc {{ s }}{% endfilter %}{% filter replace('a', 'b') | trim %}  aa {% endfilter %}",
    "{% with a = 1, b = n %}{{ a + b }}{% endwith %}{{ a }}{% with %}{% set z = 1 %}{{ z }}{% endwith %}{{ z }}",
    "{% macro m(a, b='B', c=none) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(1, c=3) }}{{ m(b=1, a=2) }}{{ m() }}{{ m.name }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}",
    "{% macro m(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, x=4) }}",
    "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
    "{% macro m(a, b=a ~ '!') %}{{ a }}{{ b }}{% endmacro %}{{ m('x') }}",
    "{% macro fact(k) %}{% if k < 2 %}1{% else %}{{ k * fact(k - 1)|int }}{% endif %}{% endmacro %}{{ fact(10) }}",
    "{% macro loop_forever() %}{{ loop_forever() }}{% endmacro %}{{ loop_forever() }}",
    "{% set g = 'global' %}{% macro m() %}{{ g }}{% set g2 = 1 %}{% endmacro %}{{ m() }}{% set g = 'later' %}{{ m() }}{{ g2 is defined }}",
    "{% macro m(x) %}<{{ caller(x) }}|{{ caller('z') }}>{% endmacro %}{% call(v) m(5) %}v={{ v }}{% endcall %}{% macro o() %}({{ caller() }}){% endmacro %}{% call o() %}in{{ n }}{% endcall %}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}", "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "{% macro m() %}  {{ n }}\n{% endmacro %}{{ m()|trim }}{{ m() ~ 'x' }}{{ m()|length }}",
    "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*xs[:2]) }}{{ m(**{'a': 1, 'b': 2}) }}{{ dict(**{'q': 1}) }}",
    "{% generation %}{{ n }}{% set inner = 1 %}{% endgeneration %}{{ inner }}", "{% print n, 1 %}{{ 1, 2 }}{{ n, }}",
    "{% for x in xs %}{% set loop_x = x %}{% macro inner() %}{{ x }}{% endmacro %}{{ inner() }}{% endfor %}{{ loop_x }}",
    "{{ x }}{% for x in xs %}{% endfor %}{{ x }}|{{ loop }}",
    "{% raw %}{{ n }}{% if %}{# c #}{% endraw %}|{%- raw -%}  {{ x }}  {%- endraw -%}  |", "{% raw %}\n a\n{% endraw %}\n b",
    "{# comment {{ n }} {% if %} #}x{#- strip -#}  y  {#- z #}\n w", "a\n  {# c #}\nb\n  {#+ c #}\nc{# d +#}\ne",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc", "a\n  {%- if yes -%}\n  b\n  {%- endif -%}\n  c", "a\n  {%+ if yes +%}\n  b\n  {%+ endif +%}\n  c",
    "a\n  {{ n }}\n  {{- n }}\n  {{ n -}}\n  b", "  {% if yes %}x{% endif %}  \n  {% if yes %} y {% endif %}z", "x {% if yes %}\n\n y{% endif %}\n\n",
    "{%- set a = 1 -%}\n\n{{- a -}}\n\n", "\n{% set a = 1 %}\n{% set b = 2 %}\n{{ a }}{{ b }}\n", "a\r\nb{% if yes %}\r\nc{% endif %}\rd\r\n", "{% if yes %}\t \n\t{% endif %}x\n\n",
    "{%if yes%}a{%endif%}{{n}}{{-n-}}{{ '}}' }}{{ {'a':{'b':1}}.a.b }}{{ {'a': {}} }}", "{{ '{{' }}{{ \"%}\" }}{{ '{#' }}{", "{ {{ n }} } % {%% #} }}",
    "{% if yes\n   and n > 3\n%}multi\nline{% endif %}", "{{ n\n  ~ 'x'\n}}", "{{ xs.0 }}{{ nested.0.1 }}", "{{ xs [0] }}{{ s . upper() }}{{ d ['b'] }}",
    "{{ true }}{{ True }}{{ none }}{{ None }}{{ false }}{{ False }}", "{{ not_a_name }}{{ ünï }}{{ _x }}", "{% set ünï = 3 %}{{ ünï }}",
    "{{ 'abc'[1] ~ 'abc'[-1] ~ ['x', 'y'][1] }}{{ ('a', 'b')[0] }}{{ [1, 2, 3][1:][0] }}{{ 'a b'.split()[1].upper() }}",
    "{{ messages is defined }}{{ (messages or [])|length }}", "{{ 1 if yes else nope.x }}{{ no and nope.x }}{{ yes or nope.x }}",
    # refused when parsed
    "{% if yes %}", "{% endif %}", "{{ n", "{% for x xs %}{% endfor %}", "{{ }}", "{{ 1 + }}", "{{ (1 }}", "{{ [1 }}", "{% nope %}", "{{ n n }}", "{% set 1 = 2 %}", "{% set none = 2 %}",
    "{% break %}", "{# open", "{% raw %}x", "{{ 'open }}", "{{ n is odd is even }}", "{{ f(a=1, 2) }}", "{% macro m(a=1, b) %}{% endmacro %}", "{{ n ? 1 }}", "{% if %}x{% endif %}", "{% else %}", "{{ {1, 2} }}", "{% call 3 %}{% endcall %}", "{{ [1, 2)}}",
]


def cases():
    yield from unary()
    yield from tests()
    yield from binary()
    yield from slices()
    yield from (line for line in (TEXT + DATA).split("\n") if line)
    yield from STATEMENTS


def render(source):
    try:
        text = _compile_jinja_template(source).render(strftime_now=NOW.strftime, **VARIABLES)
        text.encode()
    except Exception:
        return {"template": source}
    if " at 0x" in text or "<built-in" in text or "range(" in text or "j)" in text:
        return {"template": source}  # an address, a range, a complex number: here these are errors
    return {"template": source, "text": text}


def main():
    rendered = [render(source) for source in dict.fromkeys(cases())]
    out = {"now": NOW.isoformat() + "Z", "variables": VARIABLES}
    print(json.dumps(out, ensure_ascii=False)[:-1] + ', "cases": [')
    print(",\n".join(json.dumps(case, ensure_ascii=False) for case in rendered))
    print("]}")
    print(len(rendered), "cases", file=sys.stderr)


main()
