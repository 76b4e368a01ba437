from smolagents import OpenAIServerModel, ToolCallingAgent, tool

from flows import flow, holds, model, remembered, url

chat = OpenAIServerModel(model_id=model, api_base=f"{url}/v1", api_key="unused", client_kwargs={"max_retries": 0})
hi = [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]


@tool
def weather(city: str) -> str:
    """The weather of a city.

    Args:
        city: its name
    """
    return f"rain in {city}"


def tools():
    """The agent demands a call in every step; it ends with the last one."""
    agent = ToolCallingAgent(tools=[weather], model=chat, max_steps=1, verbosity_level=0)
    agent.run("How is the weather?")
    holds("rain in Oslo", agent.memory.steps)


flow("chat", lambda: holds("Hello from exo.", chat.generate(hi).content))
flow("stream", lambda: holds("Hello from exo.", "".join(part.content or "" for part in chat.generate_stream(hi))))
flow("tools", tools)
flow(
    "multi-turn",
    lambda: holds(
        "Your name is Ann.",
        chat.generate([{**each, "content": [{"type": "text", "text": each["content"]}]} for each in remembered]).content,
    ),
)
