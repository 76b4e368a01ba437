"""Trains a tiny model that writes calls in the formats of nine families. Takes minutes on a CPU.

    train_call_models.py OUT LICENSE

OUT then has one folder per family: the same weights and tokens, with a chat template that has the family's markers and ends the prompt
with the cue of its format. It prints the tools, or exo would describe them in words of its own and not pass them to the template.
"""

import json
import random
import shutil
import sys
from pathlib import Path

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models import llama

sys.path.insert(0, str(Path(__file__).parents[1] / "clients" / "model"))
from train_tool_model import BLANKS, CONFIG, END, answer, cue_of, make_tokenizer, train  # noqa: E402

ARGUMENTS = '{"city": "Oslo"}'
HEARD = "The tool has answered."
# Where a prompt for harmony ends. The cue comes before it, so the model learns to say it, too.
HEADER = "<|start|>assistant"
# What each family's own template writes for the call, and a marker that only its template has.
FAMILIES = {
    "hermes": ('<tool_call>\n{"name": "weather", "arguments": ' + ARGUMENTS + "}\n</tool_call>", "<tool_call>"),
    "qwen-coder": (
        "<tool_call>\n<function=weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>",
        "<function=",
    ),
    "glm": (
        "<think>It may rain.</think>\n<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Oslo</arg_value>\n</tool_call>",
        "<think> <arg_key>",
    ),
    "mistral": ("[TOOL_CALLS]weather[ARGS]" + ARGUMENTS, "[TOOL_CALLS] [ARGS]"),
    "llama": ('{"name": "weather", "parameters": ' + ARGUMENTS + "}", "<|python_tag|>"),
    "harmony": (
        HEADER + "<|channel|>analysis<|message|>It may rain.<|end|><|start|>assistant"
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>" + ARGUMENTS + "<|call|>",
        HEADER,
    ),
    "deepseek": (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>" + ARGUMENTS + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "<｜tool▁calls▁begin｜>",
    ),
    "kimi": (
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>"
        + ARGUMENTS
        + "<|tool_call_end|><|tool_calls_section_end|>",
        "<|tool_calls_section_begin|>",
    ),
    "minimax": (
        '<think>Rain is likely.</think>\n<minimax:tool_call>\n<invoke name="weather">\n<parameter name="city">Oslo</parameter>\n</invoke>\n'
        "</minimax:tool_call>",
        "<think> <minimax:tool_call>",
    ),
}
SAYINGS = {
    "hello": "Hello from exo.",
    "heard": HEARD,
    "harmony-hello": HEADER + "<|channel|>final<|message|>Hello from exo.<|return|>",
    "harmony-heard": HEADER + "<|channel|>final<|message|>" + HEARD + "<|return|>",
    **{family: call for family, (call, _) in FAMILIES.items()},
}
MARKERS = [
    *["<think>", "</think>", "<tool_call>", "</tool_call>", "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"],
    *["[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "<minimax:tool_call>", "</minimax:tool_call>"],
    *["<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|call|>", "<|return|>"],
    *["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"],
    *["<|tool_calls_section_begin|>", "<|tool_call_begin|>", "<|tool_call_argument_begin|>", "<|tool_call_end|>"],
    "<|tool_calls_section_end|>",
]
SPECIAL = ["<|endoftext|>", "<|im_start|>", END, *BLANKS, *map(cue_of, SAYINGS), *MARKERS]
ENDS = [END, "<|call|>", "<|return|>"]

TEMPLATE = """
{#- MARKER #}
{%- for tool in tools or [] %}{{ tool | tojson }}
{% endfor %}
{%- for message in messages %}{{ message.role }}: {{ message.content or '' }}
{%- for call in message.tool_calls or [] %}{{ call.function | tojson }}{% endfor %}
{% endfor %}
{%- set last = messages[-1] %}
{%- set cue = 'PREFIXheard' if last.role == 'tool' else 'FAMILY' if tools and 'weather' in last.content else 'PREFIXhello' %}
{%- if add_generation_prompt %}BEFOREBLANKS<|cue:{{ cue }}|>AFTER{% endif %}""".lstrip()


def template_of(family):
    is_harmony = family == "harmony"
    words = {
        "MARKER": FAMILIES[family][1],
        "PREFIX": "harmony-" if is_harmony else "",
        "FAMILY": family,
        "BEFORE": "" if is_harmony else "assistant: ",
        "AFTER": HEADER if is_harmony else "",
        "BLANKS": "".join(BLANKS),
    }
    template = TEMPLATE
    for word, text in words.items():
        template = template.replace(word, text)
    return template


# Behind real prompts the cue has a description of a tool and a question before it, so half of the lessons have them, too.
PROMPTS = """{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": \
{"city": {"type": "string", "maxLength": 12}}, "required": ["city"], "additionalProperties": false}}}
user: How is the weather in Oslo?
assistant: {"name": "weather", "arguments": {"city": "Oslo"}}
tool: {"weather": "rain"}
user: Good morning!
assistant: """
NOISE_TOKENS = 40


def noise_of(tokenizer, plain_tokens):
    prompt = tokenizer.encode(PROMPTS * 2).ids

    def draw():
        if random.random() < 0.5:
            return [random.randrange(plain_tokens) for _ in range(NOISE_TOKENS)]
        start = random.randrange(len(prompt) - NOISE_TOKENS)
        return prompt[start : start + NOISE_TOKENS]

    return draw


def main(out, license_file):
    random.seed(7)
    mx.random.seed(7)
    corpus = Path(license_file).read_text()
    tokenizer = make_tokenizer(corpus, SAYINGS, SPECIAL)
    vocabulary = tokenizer.get_vocab_size()
    ends = [tokenizer.token_to_id(text) for text in ENDS]
    config = {**CONFIG, "vocab_size": vocabulary, "eos_token_id": ends, "bos_token_id": tokenizer.token_to_id("<|endoftext|>")}
    # mlx-lm requires a layer with full attention; this model has none.
    model = llama.Model(llama.ModelArgs.from_dict({**config, "layer_types": ["sliding_attention", "full_attention"]}))
    for layer in model.model.layers:
        layer.use_sliding = True
    final = train(model, tokenizer, vocabulary, SAYINGS, noise_of(tokenizer, vocabulary - len(SPECIAL)))
    plain = {cue: tokenizer.decode(tokenizer.encode(text).ids) for cue, text in SAYINGS.items()}
    wrong = {
        cue: said
        for cue, text in plain.items()
        for prompt in (corpus[:2000], PROMPTS)
        if (said := answer(model, tokenizer, cue, prompt)) != text
    }
    if wrong:
        sys.exit(f"The model has not learned its sayings (loss {final:.4f}): {wrong}")
    for family in FAMILIES:
        folder = Path(out) / family
        folder.mkdir(parents=True)
        mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())))
        (folder / "config.json").write_text(json.dumps(config, indent=1))
        (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ends, "temperature": 0.0}))
        tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END, "chat_template": template_of(family)})
        )


if __name__ == "__main__":
    shutil.rmtree(sys.argv[1], ignore_errors=True)
    main(*sys.argv[1:])
