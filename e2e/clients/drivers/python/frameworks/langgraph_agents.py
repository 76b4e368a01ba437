from langchain.agents import create_agent
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from pydantic import BaseModel

from flows import ABSENT, client_flows, holds, remembered, url, weather

QUESTION = {"messages": [{"role": "user", "content": "How is the weather in Oslo?"}]}
HI = {"messages": [{"role": "user", "content": "hi"}]}


class Person(BaseModel):
    name: str
    age: int


def chat(use_responses_api, at):
    return ChatOpenAI(base_url=f"{url}/v1", api_key="unused", model=at, max_retries=0, use_responses_api=use_responses_api)


def last(state):
    return state["messages"][-1].text


def graph(make):
    """A model and its tools as nodes, with a memory."""
    told = make().bind_tools([tool(weather)])
    builder = StateGraph(MessagesState)
    builder.add_node("model", lambda state: {"messages": [told.invoke(state["messages"])]})
    builder.add_node("tools", ToolNode([tool(weather)]))
    builder.add_edge(START, "model")
    builder.add_conditional_edges("model", tools_condition)
    builder.add_edge("tools", "model")
    compiled = builder.compile(checkpointer=InMemorySaver())
    thread = {"configurable": {"thread_id": "1"}}
    first = compiled.invoke(QUESTION, thread)
    assert len(first["messages"]) == 4, first
    holds("It says rain.", last(first))


def stream(make):
    pieces = create_agent(make(), []).stream(HI, stream_mode="messages")
    return "".join(message.text for message, _ in pieces)


client_flows(
    {
        "chat completions": lambda at, **_: chat(False, at),
        "responses": lambda at, **_: chat(True, at),
    },
    {
        "chat": lambda make: last(create_agent(make(), []).invoke(HI)),
        "stream": stream,
        "tools": lambda make: last(create_agent(make(), [tool(weather)]).invoke(QUESTION)),
        "graph": graph,
        "multi-turn": lambda make: last(create_agent(make(), []).invoke({"messages": remembered})),
        "errors": lambda make: create_agent(make(ABSENT), []).invoke(HI),
        "structured": lambda make: create_agent(make(), [], response_format=Person).invoke(HI)["structured_response"].name,
    },
)
