import json

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

MESSAGES = [{"role": "user", "content": "hello there"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "The weather",
            "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
    }
]


class Weather(BaseModel):
    city: str
    days: int


@pytest.fixture
def client(gateway):
    with OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as client:
        yield client


BACKENDS = pytest.mark.parametrize(
    "model, served, prefix, cost",
    [("gpt", "gpt-4o-mini", "chatcmpl-", "0.0000027"), ("claude", "claude-sonnet-4-5", "msg_", "0.000066")],
)


@BACKENDS
def test_chat(client, model, served, prefix, cost):
    raw = client.chat.completions.with_raw_response.create(model=model, messages=MESSAGES)
    answer = raw.parse()
    assert answer.id.startswith(prefix)
    assert answer.object == "chat.completion"
    assert answer.model == served
    assert answer.created > 0
    [choice] = answer.choices
    assert (choice.index, choice.finish_reason) == (0, "stop")
    assert (choice.message.role, choice.message.content) == ("assistant", "You said: hello there")
    assert choice.message.tool_calls is None
    usage = answer.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (2, 4, 6)
    assert usage.prompt_tokens_details.cached_tokens == 0
    assert raw.headers["x-litellm-response-cost"] == cost
    assert raw.headers["x-litellm-model-group"] == model
    assert answer._request_id == raw.headers["x-litellm-call-id"]


@BACKENDS
def test_stream(client, model, served, prefix, cost):
    stream = client.chat.completions.create(
        model=model, messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert {chunk.model for chunk in chunks} == {served}
    [identity] = {chunk.id for chunk in chunks}
    assert identity.startswith(prefix)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    assert "".join(choice.delta.content or "" for choice in choices) == "You said: hello there"
    assert [choice.finish_reason for choice in choices if choice.finish_reason] == ["stop"]
    [usage] = [chunk.usage for chunk in chunks if chunk.usage]
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (2, 4, 6)


@pytest.mark.parametrize("model", ["gpt", "claude"])
def test_tools(client, model):
    first = client.chat.completions.create(model=model, messages=MESSAGES, tools=TOOLS)
    message = first.choices[0].message
    [call] = message.tool_calls
    assert first.choices[0].finish_reason == "tool_calls"
    assert (call.type, call.function.name) == ("function", "weather")
    assert json.loads(call.function.arguments) == {"city": "city"}
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    second = client.chat.completions.create(model=model, messages=[*MESSAGES, message, result], tools=TOOLS)
    assert second.choices[0].message.content == "The tool said: sunny"


@pytest.mark.parametrize("model", ["gpt", "claude"])
def test_streamed_tools(client, model):
    with client.chat.completions.stream(model=model, messages=MESSAGES, tools=TOOLS) as stream:
        deltas = [event for event in stream if event.type == "tool_calls.function.arguments.delta"]
        final = stream.get_final_completion()
    assert "".join(event.arguments_delta for event in deltas) == '{"city":"city"}'
    assert final.choices[0].message.tool_calls[0].function.arguments == '{"city":"city"}'


@pytest.mark.parametrize("model", ["gpt", "claude"])
def test_parse(client, model):
    answer = client.chat.completions.parse(model=model, messages=MESSAGES, response_format=Weather)
    assert answer.choices[0].message.parsed == Weather(city="city", days=1)


@pytest.mark.parametrize("model", ["gpt", "compatible", "claude"])
def test_responses(client, model):
    answer = client.responses.create(model=model, input="hello there")
    assert answer.status == "completed"
    assert answer.output_text == "You said: hello there"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 4)
    events = list(client.responses.create(model=model, input="hello there", stream=True))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == "You said: hello there"
    parsed = client.responses.parse(model=model, input="hello there", text_format=Weather)
    assert parsed.output_parsed == Weather(city="city", days=1)


def test_embeddings(client):
    packed = client.embeddings.create(model="embed", input=["one two", "three"])
    plain = client.embeddings.create(model="embed", input=["one two", "three"], encoding_format="float")
    assert [row.embedding for row in packed.data] == [row.embedding for row in plain.data]
    assert [row.index for row in plain.data] == [0, 1]
    assert len(plain.data[0].embedding) == 8
    assert plain.usage.total_tokens == 3


def test_transcriptions(client):
    file = ("speech.mp3", bytes(3000), "audio/mpeg")
    heard = client.audio.transcriptions.create(model="listens", file=file)
    assert heard.text == "You sent speech.mp3."
    assert heard.usage.seconds == 3
    lines = client.audio.transcriptions.create(model="listens", file=file, response_format="vtt")
    assert lines == "WEBVTT\n\n00:00:00.000 --> 00:00:03.000\nYou sent speech.mp3.\n\n"
    events = list(client.audio.transcriptions.create(model="hears", file=file, stream=True))
    assert [event.type for event in events] == ["transcript.text.delta", "transcript.text.done"]
    assert events[-1].text == "You sent speech.mp3."


def test_completions(client):
    answer = client.completions.create(model="instruct", prompt="hello there", max_tokens=50)
    assert answer.choices[0].text == "You said: hello there"
    chunks = list(client.completions.create(model="gpt", prompt="hello there", max_tokens=50, stream=True))
    assert "".join(choice.text for chunk in chunks for choice in chunk.choices) == "You said: hello there"


def test_models(client):
    assert {"gpt", "claude", "embed"} <= {model.id for model in client.models.list()}
    assert client.models.retrieve("gpt").object == "model"


@pytest.mark.parametrize(
    "model, kind, status, code",
    [
        ("nope", openai.NotFoundError, 404, "model_not_found"),
        ("fault/status-400", openai.BadRequestError, 400, "400"),
        ("fault/status-401", openai.InternalServerError, 502, "upstream_auth_failed"),
        ("fault/status-429-retry-after-3", openai.RateLimitError, 429, "upstream_rate_limited"),
        ("claude-fault/status-500", openai.InternalServerError, 502, "upstream_error"),
    ],
)
def test_errors(client, model, kind, status, code):
    with pytest.raises(kind) as raised:
        client.chat.completions.create(model=model, messages=MESSAGES)
    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert raised.value.request_id == raised.value.response.headers["x-request-id"]
    if status == 429:
        assert raised.value.response.headers["retry-after"] == "3"


def test_wrong_key(gateway):
    stranger = OpenAI(base_url=f"{gateway.url}/v1", api_key="sk-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as raised:
        stranger.models.list()
    assert raised.value.code == "invalid_api_key"


@pytest.mark.parametrize("model", ["fault/cut-after-4", "claude-fault/cut-after-5", "compatible-fault/no-finish"])
def test_broken_stream(client, model):
    texts = []
    with pytest.raises(openai.APIError):
        for chunk in client.chat.completions.create(model=model, messages=MESSAGES, stream=True):
            texts.append(chunk.choices[0].delta.content or "")
    assert "".join(texts).startswith("You")
