import anthropic
import pytest
from anthropic import Anthropic

MESSAGES = [{"role": "user", "content": "hello there"}]
TOOLS = [
    {
        "name": "weather",
        "description": "The weather",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
    }
]
BACKENDS = pytest.mark.parametrize(
    "model, served, cost", [("claude", "claude-sonnet-4-5", "0.000066"), ("gpt", "gpt-4o-mini", "0.0000027")]
)


@pytest.fixture
def client(gateway):
    with Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        yield client


@BACKENDS
def test_messages(client, model, served, cost):
    raw = client.messages.with_raw_response.create(model=model, max_tokens=100, messages=MESSAGES)
    answer = raw.parse()
    assert (answer.type, answer.role, answer.model) == ("message", "assistant", served)
    assert answer.id
    [block] = answer.content
    assert (block.type, block.text) == ("text", "You said: hello there")
    assert (answer.stop_reason, answer.stop_sequence) == ("end_turn", None)
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (2, 4)
    assert raw.headers["x-litellm-response-cost"] == cost
    assert raw.headers["request-id"] == raw.headers["x-litellm-call-id"]


@BACKENDS
def test_stream(client, model, served, cost):
    with client.messages.stream(model=model, max_tokens=100, messages=MESSAGES) as stream:
        assert "".join(stream.text_stream) == "You said: hello there"
        final = stream.get_final_message()
    assert (final.model, final.stop_reason, final.usage.output_tokens) == (served, "end_turn", 4)


@BACKENDS
def test_tools(client, model, served, cost):
    first = client.messages.create(model=model, max_tokens=100, messages=MESSAGES, tools=TOOLS)
    [call] = first.content
    assert first.stop_reason == "tool_use"
    assert (call.type, call.name, call.input) == ("tool_use", "weather", {"city": "city"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    second = client.messages.create(
        model=model,
        max_tokens=100,
        tools=TOOLS,
        messages=[*MESSAGES, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}],
    )
    assert second.content[0].text == "The tool said: sunny"


@BACKENDS
def test_streamed_tools(client, model, served, cost):
    with client.messages.stream(model=model, max_tokens=100, messages=MESSAGES, tools=TOOLS) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        final = stream.get_final_message()
    assert "".join(pieces) == '{"city":"city"}'
    assert final.content[0].input == {"city": "city"}


@BACKENDS
def test_images_and_system(client, model, served, cost):
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
    answer = client.messages.create(
        model=model,
        max_tokens=100,
        system="be brief",
        messages=[{"role": "user", "content": [{"type": "text", "text": "look"}, image]}],
    )
    assert answer.content[0].text == "You said: look (images: 1)"
    assert answer.usage.input_tokens == 88


@BACKENDS
def test_count_tokens(client, model, served, cost):
    assert client.messages.count_tokens(model=model, messages=MESSAGES).input_tokens > 0


@pytest.mark.parametrize(
    "model, status, kind",
    [
        ("claude-fault/status-529", 529, "overloaded_error"),
        ("fault/status-429", 429, "rate_limit_error"),
        ("fault/status-401", 502, "api_error"),
        ("nope", 404, "not_found_error"),
    ],
)
def test_errors(client, model, status, kind):
    with pytest.raises(anthropic.APIStatusError) as raised:
        client.messages.create(model=model, max_tokens=10, messages=MESSAGES)
    assert raised.value.status_code == status
    assert raised.value.body["error"]["type"] == kind
    assert raised.value.body["request_id"] == raised.value.response.headers["x-request-id"]


@pytest.mark.parametrize("model", ["claude-fault/cut-after-5", "claude-fault/error-event-after-5", "fault/cut-after-4"])
def test_broken_stream(client, model):
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model=model, max_tokens=100, messages=MESSAGES) as stream:
            stream.until_done()
