"""Leaves out bodies that a JSON schema cannot rule out, but that the API refuses for good reasons."""

import json

import schemathesis


def is_strict(tool):
    """Whether the tool's schema may only use keywords that answers are checked for."""
    parts = [tool, tool.get("function")] if isinstance(tool, dict) else []
    return any(isinstance(part, dict) and part.get("strict") is True for part in parts)


@schemathesis.hook
def filter_body(context, body):
    if isinstance(body, (bytes, str)):
        return True
    try:
        # A key `__proto__` is refused at any depth, wherever the schema takes any value.
        if '"__proto__":' in json.dumps(body):
            return False
    except (TypeError, ValueError):
        return True
    tools = body.get("tools") if isinstance(body, dict) else None
    if isinstance(tools, list) and any(is_strict(tool) for tool in tools):
        return False
    operation = getattr(context, "operation", None)
    if operation is None or not isinstance(body, dict) or not operation.path.endswith("/v1/completions"):
        return True
    # Most models have no tokens that ask for the text before a suffix.
    if body.get("suffix"):
        return False
    # `n` choices are chosen from `best_of`.
    chosen, drawn = body.get("n"), body.get("best_of")
    return not (isinstance(chosen, int) and isinstance(drawn, int) and chosen > drawn)
