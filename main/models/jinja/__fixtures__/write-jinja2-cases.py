"""Renders the cases of jinja2-cases.json and jinja2-values.json with Jinja2 itself, set up as Transformers does, and writes what comes out.

    python write-jinja2-cases.py        (needs jinja2 3.1)
"""

import datetime
import json
import pathlib

import jinja2.ext
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

PATHS = [pathlib.Path(__file__).with_name(name) for name in ("jinja2-cases.json", "jinja2-values.json")]
NOW = datetime.datetime(2026, 3, 9, 7, 5, 3)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

    def _said(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def render(template, variables):
    extensions = [Generation, jinja2.ext.loopcontrols, jinja2.ext.do]
    environment = SandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=extensions)
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = NOW.strftime
    try:
        return environment.from_string(template).render(**json.loads(json.dumps(variables)))
    except Exception:
        return None


for path in PATHS:
    golden = json.loads(path.read_text())
    # As text, numbers keep their spelling.
    variables = golden.get("variables") or json.loads(golden["variablesJson"])
    for case in golden["cases"]:
        case["text"] = render(case["template"], variables)
    path.write_text(json.dumps(golden, ensure_ascii=False, indent=1))
