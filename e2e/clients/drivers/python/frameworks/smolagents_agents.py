from smolagents import CodeAgent, OpenAIServerModel, ToolCallingAgent, tool

from flows import ABSENT, client_flows, remembered, url, wanting


def messages(*turns):
    return [{**turn, "content": [{"type": "text", "text": turn["content"]}]} for turn in turns]


hi = messages({"role": "user", "content": "hi"})


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return f"rain in {city}"


def call_tool(make):
    """The agent demands a call in every step; it ends with the last one."""
    agent = ToolCallingAgent(tools=[weather], model=make(), max_steps=1, verbosity_level=0)
    agent.run("How is the weather?")
    return agent.memory.steps


def write_code(make):
    """The tiny model writes no Python; its steps must end with the agent's own words, not with an error of the node."""
    for is_structured in (False, True):
        agent = CodeAgent(
            tools=[weather],
            model=make(),
            max_steps=1,
            verbosity_level=0,
            use_structured_outputs_internally=is_structured,
        )
        agent.run("hi")
        reasons = [str(step.error) for step in agent.memory.steps if getattr(step, "error", None)]
        assert not any("Error code" in reason or "generating model output" in reason for reason in reasons), reasons


def leave(make):
    pieces = make().generate_stream(messages({"role": "user", "content": "Count"}))
    next(pieces)
    pieces.close()


def chat(at):
    return OpenAIServerModel(model_id=at, api_base=f"{url}/v1", api_key="unused", client_kwargs={"max_retries": 0})


client_flows(
    chat,
    {
        "chat": lambda make: make().generate(hi).content,
        "stream": lambda make: "".join(part.content or "" for part in make().generate_stream(hi)),
        "tools": wanting("rain in Oslo", call_tool),
        "code": write_code,
        "multi-turn": lambda make: make().generate(messages(*remembered)).content,
        "cancel": leave,
        "errors": lambda make: make(ABSENT).generate(hi),
    },
)
