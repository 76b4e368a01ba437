import os

os.environ["OPENAI_BASE_URL"] = f"{os.environ['EXO_URL']}/v1"
os.environ["OPENAI_API_KEY"] = "unused"
# The alias, since gptme takes no folder as the name of a model.
MODEL = os.environ["MODEL"] = "local/default"
os.environ["GPTME_TIKTOKEN_TIMEOUT"] = "0"

from pathlib import Path

import gptme.tools
from gptme.llm import init_llm, reply
from gptme.llm.models import get_model, set_default_model
from gptme.message import Message
from gptme.tools import ToolUse
from gptme.tools.base import Parameter, ToolSpec, set_tool_format

from flows import ABSENT, client_flows, flow, holds, remembered, weather
from run_program import run_program

folder = Path(os.environ["HOME"]) / "work"
folder.mkdir()


def ask(question):
    return run_program("gptme", "--non-interactive", "--no-confirm", "--model", MODEL, "--tools", "none", question, cwd=str(folder))


def run(code, args, kwargs):
    yield Message("system", weather(**kwargs))


# With its own tools, the command goes on until the model calls one that ends the session, which the tiny model has not learned.
spec = ToolSpec(
    name="weather",
    desc="The weather of a city",
    parameters=[Parameter(name="city", type="string", description="its name", required=True)],
    execute=run,
)
init_llm("local")
set_default_model(get_model(MODEL))


def loop(model, stream):
    """The steps of its own loop: a reply, the calls in it, and a reply to their results."""
    # Both belong to the thread.
    set_tool_format("tool")
    gptme.tools._get_loaded_tools()[:] = [spec]
    messages = [Message("user", "How is the weather in Oslo?")]
    for _ in range(2):
        messages.append(reply(messages, model(), stream=stream, tools=[spec]))
        for use in ToolUse.iter_from_content(messages[-1].content):
            messages += [result.replace(call_id=use.call_id) for result in use.execute()]
    return messages[-1].content


def say(messages, model, stream=False):
    return reply([Message(message["role"], message["content"]) for message in messages], model, stream=stream).content


hi = [{"role": "user", "content": "hi"}]
flow("chat", lambda: holds("Hello from exo.", ask("hi")))
client_flows(
    lambda at, **fields: MODEL if at != ABSENT else f"local/{at}",
    {
        "stream": lambda model: say(hi, model(), stream=True),
        "tools": lambda model: loop(model, stream=False) + loop(model, stream=True),
        "multi-turn": lambda model: say(remembered, model()),
        "errors": lambda model: say(hi, model(ABSENT)),
    },
)
