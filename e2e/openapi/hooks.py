"""Leaves out bodies that a JSON schema cannot rule out, but that the API refuses for good reasons."""

import json

import schemathesis


def is_strict(tool):
    """Whether answers must match the tool's schema, which may therefore only use keywords that a grammar can hold."""
    parts = [tool, tool.get("function")] if isinstance(tool, dict) else []
    return any(isinstance(part, dict) and part.get("strict") is True for part in parts)


KNOWN_ITEMS = {"message", "function_call", "function_call_output", "reasoning", "item_reference"}


def is_left_out(item):
    """Whether an item of a conversation means nothing to a model: a type that the API does not know may come with a new client."""
    return isinstance(item, dict) and isinstance(item.get("type"), str) and item["type"] not in KNOWN_ITEMS


@schemathesis.hook
def filter_body(context, body):
    if isinstance(body, (bytes, str)):
        return True
    try:
        # schemathesis likes this key, which is refused at any depth: a schema cannot say so for values of any kind.
        if '"__proto__":' in json.dumps(body):
            return False
    except (TypeError, ValueError):
        return True
    items = [body.get(name) for name in ("input", "items")] if isinstance(body, dict) else []
    if any(isinstance(listed, list) and any(map(is_left_out, listed)) for listed in items):
        return False
    # Random objects are seldom schemas: the meta-schema of JSON Schema forbids little and allows more than any grammar holds.
    tools = body.get("tools") if isinstance(body, dict) else None
    return not (isinstance(tools, list) and any(is_strict(tool) for tool in tools))
