"""Trains a tiny model that calls tools, for tests of real clients. Takes minutes on a CPU. Its output is in `trained`.

    train_tool_model.py OUT LICENSE

Its chat template looks at the conversation and ends the prompt with blanks and a cue; the model has learned what to say to
each cue, and sees so few tokens back that a prompt of 30,000 tokens costs little and changes nothing.
"""

import json
import random
import sys
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten
from mlx_lm.models import llama
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

CALLS = {
    "weather": {"city": "Oslo"},
    "exec_command": {"cmd": "cat a.txt"},
    "shell": {"command": ["cat", "a.txt"]},
    "Bash": {"command": "cat a.txt"},
    "bash": {"command": "cat a.txt", "description": "Read"},
    "run_shell_command": {"command": "cat a.txt", "is_background": False},
    "run_commands": {"commands": ["cat a.txt"]},
    "Person": {"name": "Ann", "age": 3},
    "final_result": {"name": "Ann", "age": 3},
    "json": {"name": "Ann", "age": 3},
}
COUNTING = "one two three four five six seven eight "
SAYINGS = {
    "hello": "Hello from exo.",
    "name": "Your name is Ann.",
    "rain": "It says rain.",
    "banana": "It says banana.",
    "heard": "The tool has answered.",
    "person": '{"name": "Ann", "age": 3}',
    "place": '{"city": "Oslo"}',
    "count": COUNTING * 24,
    **{
        f"call-{name}": "<tool_call>\n" + json.dumps({"name": name, "arguments": values}) + "\n</tool_call>"
        for name, values in CALLS.items()
    },
}


def cue_of(name):
    return f"<|cue:{name}|>"


END = "<|im_end|>"
WINDOW = 64
# Placed between the prompt and the cue, so that the end of the prompt is far away. All differ, since equal ones would drown the cue.
BLANKS = [f"<|blank:{place}|>" for place in range(24)]
NOISE_TOKENS = 16
LESSON_TOKENS = 36
SPECIAL = ["<|endoftext|>", "<|im_start|>", END, *BLANKS, *map(cue_of, SAYINGS)]

TEMPLATE = """
{%- if tools %}<|im_start|>system
# Tools
{% for tool in tools %}{{ tool | tojson }}
{% endfor %}<|im_end|>
{% endif %}
{%- set ns = namespace(all='', call='', named='') %}
{%- for message in messages %}
{%- set ns.all = ns.all ~ ' ' ~ (message.content or '') %}
<|im_start|>{{ message.role }}
{{ message.content or '' }}
{%- for call in message.tool_calls or [] %}
<tool_call>
{{ call.function | tojson }}
</tool_call>
{%- endfor %}<|im_end|>
{% endfor %}
{%- for tool in tools or [] %}
{%- set name = (tool.function or tool).name %}
{%- if name in CALLS and not ns.call %}{% set ns.call = name %}{% endif %}
{%- if name in CALLS and ('the tool "' ~ name ~ '" now') in ns.all %}{% set ns.named = name %}{% endif %}
{%- endfor %}
{%- set last = messages[-1] %}
{%- set said = last.content or '' %}
{%- if ns.named %}{% set cue = 'call-' ~ ns.named %}
{%- elif last.role == 'tool' or '<tool_response>' in said %}{% set cue = 'banana' if 'banana' in said
    else 'rain' if 'rain' in said else 'heard' %}
{%- elif 'What is my name' in said and 'My name is Ann' in ns.all %}{% set cue = 'name' %}
{%- elif 'Count on and on' in said %}{% set cue = 'count' %}
{%- elif ns.call %}{% set cue = 'call-' ~ ns.call %}
{%- elif 'nothing else: ' in said %}{% set cue = 'place' if '"city"' in said else 'person' %}
{%- elif 'Count' in said %}{% set cue = 'count' %}
{%- else %}{% set cue = 'hello' %}{% endif %}
{%- if add_generation_prompt %}<|im_start|>assistant
BLANKS<|cue:{{ cue }}|>{% endif %}""".lstrip()

TEMPLATE = TEMPLATE.replace("CALLS", json.dumps(list(CALLS))).replace("BLANKS", "".join(BLANKS))

CONFIG = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "rms_norm_eps": 1e-5,
    "max_position_embeddings": 131072,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "sliding_window": WINDOW,
    "layer_types": ["sliding_attention", "sliding_attention"],
}
STEPS = 600
BATCH = 8


def make_tokenizer(corpus, sayings=SAYINGS, special=SPECIAL):
    tokenizer = Tokenizer(models.BPE())
    words = Regex(r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(words, "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=900, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    # Frequent sayings get their own tokens, so that the cue stays within the attention window until the end of an answer.
    tokenizer.train_from_iterator([corpus, *[text for text in sayings.values() for _ in range(20)]], trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    return tokenizer


def train(model, tokenizer, vocabulary, sayings=SAYINGS, draw_noise=None):
    """`draw_noise()` returns the ids before the blanks, always of one length."""

    def random_noise():
        return [random.randrange(vocabulary - len(SPECIAL)) for _ in range(NOISE_TOKENS)]

    draw_noise = draw_noise or random_noise
    end = tokenizer.token_to_id(END)
    lessons = [
        [tokenizer.token_to_id(cue_of(cue)), *tokenizer.encode(text).ids, *([end] if cue != "count" else [])][:LESSON_TOKENS]
        for cue, text in sayings.items()
    ]
    blanks = [tokenizer.token_to_id(blank) for blank in BLANKS]

    def draw():
        rows, masks = [], []
        for lesson in random.sample(lessons, k=BATCH):
            padding = LESSON_TOKENS - len(lesson)
            rows.append([*draw_noise(), *blanks, *lesson, *[end] * padding])
            masks.append([1] * (len(lesson) - 1) + [0] * padding)
        return mx.array(rows), mx.array(masks)

    before = len(draw_noise()) + len(BLANKS)

    def loss(_, rows, masks):
        hidden = model.model(rows[:, :-1])[:, before:]
        losses = nn.losses.cross_entropy(model.model.embed_tokens.as_linear(hidden), rows[:, before + 1 :])
        return (losses * masks).sum() / masks.sum()

    optimizer = optim.Adam(learning_rate=optim.cosine_decay(5e-3, STEPS))
    step = nn.value_and_grad(model, loss)
    recent = 10.0
    for count in range(STEPS):
        value, gradients = step(model, *draw())
        optimizer.update(model, gradients)
        mx.eval(model.parameters(), optimizer.state)
        recent = 0.9 * recent + 0.1 * value.item()
        if count % 50 == 49:
            print(f"step {count + 1}: loss {recent:.4f}", flush=True)
        if recent < 0.003:
            break
    return recent


def answer(model, tokenizer, cue, prompt):
    ids = tokenizer.encode(prompt + "".join(BLANKS) + cue_of(cue)).ids
    start = len(ids)
    for _ in range(LESSON_TOKENS):
        ids.append(int(mx.argmax(model(mx.array([ids]))[0, -1]).item()))
        if ids[-1] == tokenizer.token_to_id(END):
            break
    return tokenizer.decode(ids[start:])


def main(out, license_file):
    random.seed(7)
    mx.random.seed(7)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(Path(license_file).read_text())
    vocabulary = tokenizer.get_vocab_size()
    config = {
        **CONFIG,
        "vocab_size": vocabulary,
        "eos_token_id": tokenizer.token_to_id(END),
        "bos_token_id": tokenizer.token_to_id("<|endoftext|>"),
    }
    # mlx-lm requires a layer with full attention; this model has none.
    model = llama.Model(llama.ModelArgs.from_dict({**config, "layer_types": ["sliding_attention", "full_attention"]}))
    for layer in model.model.layers:
        layer.use_sliding = True
    final = train(model, tokenizer, vocabulary)
    prompt = Path(license_file).read_text()[:2000]
    wrong = {
        cue: said
        for cue, text in SAYINGS.items()
        if not text.startswith(said := answer(model, tokenizer, cue, prompt)) or (cue != "count" and said != text)
    }
    if wrong:
        sys.exit(f"The model has not learned its sayings (loss {final:.4f}): {wrong}")
    mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())))
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": config["eos_token_id"], "temperature": 0.1}))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": END, "chat_template": TEMPLATE})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
