import pytest
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Forecast(BaseModel):
    """A forecast."""

    city: str
    days: int


@tool
def weather(city: str) -> str:
    """The weather."""
    return f"rain in {city}"


@pytest.fixture
def chat(gateway):
    def create(model: str) -> ChatOpenAI:
        return ChatOpenAI(
            model=model, base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0, stream_usage=True
        )

    return create


BACKENDS = pytest.mark.parametrize("model, served", [("gpt", "gpt-4o-mini"), ("claude", "claude-sonnet-4-5")])


@BACKENDS
def test_invoke(chat, model, served):
    answer = chat(model).invoke([SystemMessage("be brief"), HumanMessage("hello there")])
    assert answer.content == "You said: hello there"
    assert answer.response_metadata["model_name"] == served
    assert answer.response_metadata["finish_reason"] == "stop"
    usage = answer.usage_metadata
    assert (usage["input_tokens"], usage["output_tokens"], usage["total_tokens"]) == (4, 4, 8)


@BACKENDS
def test_stream(chat, model, served):
    chunks = list(chat(model).stream("hello there"))
    whole = sum(chunks[1:], start=chunks[0])
    assert whole.content == "You said: hello there"
    assert whole.response_metadata["finish_reason"] == "stop"
    assert whole.usage_metadata["total_tokens"] == 6


@BACKENDS
def test_tools(chat, model, served):
    bound = chat(model).bind_tools([weather])
    asked = bound.invoke("weather?")
    [call] = asked.tool_calls
    assert (call["name"], call["args"]) == ("weather", {"city": "city"})
    result = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
    answer = bound.invoke([HumanMessage("weather?"), asked, result])
    assert answer.content == "The tool said: rain in city"


@BACKENDS
@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(chat, model, served, method):
    structured = chat(model).with_structured_output(Forecast, method=method)
    assert structured.invoke("weather?") == Forecast(city="city", days=1)


def test_embeddings(gateway):
    embeddings = OpenAIEmbeddings(
        model="embed", base_url=f"{gateway.url}/v1", api_key=gateway.key, check_embedding_ctx_length=False
    )
    vectors = embeddings.embed_documents(["one two", "three"])
    assert [len(vector) for vector in vectors] == [8, 8]
    assert embeddings.embed_query("one two") == vectors[0]
