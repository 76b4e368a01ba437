"""Creates tiny random models with mlx-lm, and mlx-lm's answers on them, which the engine must match.

    make_models.py OUT [NAME ...]

Writes OUT/NAME/ for every case below that OUT lacks in the layout of mlx-community, with answers.json:
{"prompts": [{"prompt": [...], "tokens": [...], "logprobs": [...], "prompt_logprobs": [...]}]}, all greedy, logprobs natural.
A model in bfloat16 has answers-as-stored.json too: the same without widening, and "seconds", per token the second best one and
how far its logit is behind.
"""

import copy
import json
import math
import sys
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.utils import _get_classes

from family_cases import FAMILIES

# Vectors near 1; all others are near 0.
ONES = ("norm.weight", "norm_1.weight", "norm_2.weight", "scale", "scalar")
PROMPT_LENGTHS = (1, 2, 17, 64, 65, 330)
DRAWN_TOKENS = 20
# Short prompts for the families beyond the first ones.
FAMILY_PROMPT_LENGTHS = (3, 90)
FAMILY_DRAWN_TOKENS = 8

SMALL = {
    "hidden_size": 96,
    "intermediate_size": 160,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "rms_norm_eps": 1e-5,
    "vocab_size": 331,
    "max_position_embeddings": 2048,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}
EVEN = {**SMALL, "hidden_size": 128, "intermediate_size": 192, "num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": 480}
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}
YARN = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0}
GROUPED = {
    **EVEN,
    "head_dim": 32,
    "moe_intermediate_size": 64,
    "n_routed_experts": 8,
    "num_experts_per_tok": 2,
    "n_shared_experts": 1,
    "n_group": 1,
    "topk_group": 1,
    "norm_topk_prob": True,
    "routed_scaling_factor": 1.0,
    "first_k_dense_replace": 1,
    "rope_scaling": None,
    "use_qk_norm": True,
    "attention_bias": True,
    "partial_rotary_factor": 0.5,
}
QWEN3_MOE = {
    **EVEN,
    "head_dim": 32,
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 64,
    "norm_topk_prob": True,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
}
DEEPSEEK_YARN = {
    "type": "yarn",
    "factor": 40,
    "beta_fast": 32,
    "beta_slow": 1,
    "mscale": 1.0,
    "mscale_all_dim": 1.0,
    "original_max_position_embeddings": 64,
}
DEEPSEEK = {
    **EVEN,
    "moe_intermediate_size": 64,
    "n_shared_experts": 1,
    "n_routed_experts": 8,
    "routed_scaling_factor": 2.5,
    "kv_lora_rank": 64,
    "q_lora_rank": 96,
    "qk_rope_head_dim": 16,
    "qk_nope_head_dim": 32,
    "v_head_dim": 32,
    "topk_method": "noaux_tc",
    "scoring_func": "sigmoid",
    "norm_topk_prob": True,
    "n_group": 4,
    "topk_group": 2,
    "num_experts_per_tok": 2,
    "moe_layer_freq": 1,
    "first_k_dense_replace": 1,
    "rope_scaling": DEEPSEEK_YARN,
}
GPT_OSS = {
    **EVEN,
    "head_dim": 32,
    "num_local_experts": 6,
    "num_experts_per_tok": 3,
    "sliding_window": 40,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "num_hidden_layers": 4,
    "rope_scaling": {**YARN, "factor": 32.0, "truncate": False},
}
GEMMA = {
    **EVEN,
    "num_key_value_heads": 2,
    "head_dim": 24,
    "query_pre_attn_scalar": 20,
    "sliding_window": 40,
    "sliding_window_pattern": 3,
    "rope_theta": 1e6,
    "rope_local_base_freq": 1e4,
    "rope_scaling": {"rope_type": "linear", "factor": 8.0},
    "tie_word_embeddings": True,
}
TENSOR = {**EVEN, "num_hidden_layers": 4, "num_attention_heads": 12, "num_key_value_heads": 12, "head_dim": 16, "intermediate_size": 384}


def case(seed, model_type, config, *, bits=None, group=64, overrides=None, files=1, stored=None, unstack=None):
    """`overrides`: quantization of the modules whose path ends so, or False; `stored`: type in the files;
    `unstack`: names of gate, up and down if each expert has separate tensors, as in checkpoints that mlx-lm has not converted."""
    return {
        "seed": seed,
        "config": {**config, "model_type": model_type},
        "bits": bits,
        "group": group,
        "overrides": overrides or {},
        "files": files,
        "stored": stored,
        "unstack": unstack,
    }


CASES = {
    "llama-llama3": case(1, "llama", {**SMALL, "head_dim": 24, "rope_scaling": LLAMA3}),
    "llama-tied-biases": case(2, "llama", {**SMALL, "tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True}),
    "llama-linear": case(3, "llama", {**SMALL, "rope_scaling": {"type": "linear", "factor": 4.0}}),
    "llama-yarn": case(4, "llama", {**SMALL, "rope_scaling": YARN}),
    "llama-interleaved": case(5, "llama", {**SMALL, "rope_traditional": True}),
    "llama-sliding": case(
        6, "llama", {**SMALL, "sliding_window": 40, "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]}
    ),
    "llama-one-head": case(7, "llama", {**SMALL, "num_attention_heads": 5, "num_key_value_heads": 1, "head_dim": 10, "hidden_size": 75}),
    "mistral": case(8, "mistral", {**SMALL, "sliding_window": 4096, "rope_theta": 1e6}),
    "qwen2": case(9, "qwen2", {**SMALL, "rope_theta": 1e6}),
    "qwen2-tied": case(10, "qwen2", {**SMALL, "tie_word_embeddings": True}),
    "qwen3": case(11, "qwen3", {**SMALL, "head_dim": 40, "rope_theta": 1e6}),
    "three-files": case(12, "llama", SMALL, files=3),
    "float16": case(13, "llama", SMALL, stored=mx.float16),
    "bfloat16": case(14, "qwen3", {**SMALL, "head_dim": 32}, stored=mx.bfloat16),
    "llama-2-bit": case(20, "llama", {**EVEN, "tie_word_embeddings": True}, bits=2, group=32),
    "llama-3-bit": case(21, "llama", EVEN, bits=3),
    "llama-4-bit": case(22, "llama", EVEN, bits=4),
    "qwen3-4-bit-tied": case(23, "qwen3", {**EVEN, "head_dim": 32, "tie_word_embeddings": True}, bits=4, group=32),
    "qwen2-5-bit": case(24, "qwen2", EVEN, bits=5),
    "llama-6-bit": case(25, "llama", EVEN, bits=6),
    "qwen2-8-bit": case(26, "qwen2", EVEN, bits=8, group=128),
    "mixed-bits": case(
        27,
        "llama",
        EVEN,
        bits=4,
        overrides={
            "down_proj": {"bits": 8, "group_size": 32},
            "v_proj": {"bits": 6, "group_size": 64},
            "o_proj": False,
            "lm_head": {"bits": 8, "group_size": 64},
        },
    ),
    "4-bit-float16-scales": case(28, "llama", EVEN, bits=4, stored=mx.float16),
    "llama-12-heads": case(30, "llama", {**TENSOR, "attention_bias": True, "mlp_bias": True}),
    "qwen3-12-heads-4-bit": case(31, "qwen3", TENSOR, bits=4, group=32),
    "phi3-longrope": case(
        35,
        "phi3",
        {
            **SMALL,
            "partial_rotary_factor": 0.75,
            "max_position_embeddings": 512,
            "original_max_position_embeddings": 128,
            "rope_scaling": {"type": "longrope", "long_factor": [1.0, 1.3, 2.0, 3.5, 5.0, 8.0], "short_factor": [1.0] * 6},
        },
    ),
    "phi3-4-bit-12-heads": case(36, "phi3", {**TENSOR, "hidden_size": 192, "tie_word_embeddings": True}, bits=4, group=32),
    "mixtral": case(40, "mixtral", {**SMALL, "num_local_experts": 4, "num_experts_per_tok": 2}),
    "mixtral-5-experts-unstacked": case(
        41,
        "mixtral",
        {**SMALL, "num_local_experts": 5, "num_experts_per_tok": 3, "tie_word_embeddings": True},
        unstack=("w1", "w3", "w2"),
        files=3,
    ),
    "mixtral-4-bit-unstacked-12-heads": case(
        42,
        "mixtral",
        {**TENSOR, "hidden_size": 192, "num_local_experts": 8, "num_experts_per_tok": 2},
        bits=4,
        group=32,
        unstack=("w1", "w3", "w2"),
    ),
    "qwen3-moe-12-heads": case(
        43,
        "qwen3_moe",
        {**QWEN3_MOE, **TENSOR, "mlp_only_layers": [1], "num_experts": 7, "num_experts_per_tok": 4, "norm_topk_prob": False},
    ),
    "qwen3-moe-unstacked": case(
        44, "qwen3_moe", {**QWEN3_MOE, "decoder_sparse_step": 2, "num_experts_per_tok": 1}, unstack=("gate_proj", "up_proj", "down_proj")
    ),
    "qwen3-moe-4-bit": case(45, "qwen3_moe", QWEN3_MOE, bits=4, group=32, overrides={"mlp.gate": {"bits": 8, "group_size": 64}}),
    "qwen3-moe-12-heads-8-bit": case(46, "qwen3_moe", {**QWEN3_MOE, **TENSOR}, bits=8, group=32),
    "glm4-moe": case(47, "glm4_moe", {**GROUPED, "use_qk_norm": False, "n_shared_experts": 2, "num_experts_per_tok": 1}),
    "glm4-moe-groups-12-heads": case(
        48,
        "glm4_moe",
        {
            **GROUPED,
            **TENSOR,
            "n_routed_experts": 12,
            "n_group": 4,
            "topk_group": 2,
            "num_experts_per_tok": 3,
            "routed_scaling_factor": 2.5,
        },
    ),
    "glm4-moe-4-bit-12-heads": case(
        49, "glm4_moe", {**GROUPED, **TENSOR, "n_group": 2, "topk_group": 1, "norm_topk_prob": False}, bits=4, group=32
    ),
    "glm4-moe-unstacked": case(
        50,
        "glm4_moe",
        {**GROUPED, "attention_bias": False, "partial_rotary_factor": 0.25, "num_experts_per_tok": 4},
        unstack=("gate_proj", "up_proj", "down_proj"),
    ),
    "gemma3-text": case(60, "gemma3_text", GEMMA),
    "gemma3-text-12-heads": case(
        61,
        "gemma3_text",
        {**GEMMA, **TENSOR, "num_hidden_layers": 4, "sliding_window_pattern": 2, "sliding_window": 16, "rope_scaling": None},
    ),
    "gemma3-4-bit": case(
        62,
        "gemma3",
        {"text_config": {**GEMMA, "model_type": "gemma3_text"}, "vocab_size": 480, "num_hidden_layers": 3, "tie_word_embeddings": True},
        bits=4,
        group=32,
    ),
    "deepseek-v3-original": case(
        63,
        "deepseek_v3",
        {
            **DEEPSEEK,
            **SMALL,
            "kv_lora_rank": 40,
            "q_lora_rank": 50,
            "qk_rope_head_dim": 12,
            "qk_nope_head_dim": 20,
            "v_head_dim": 28,
            "attention_bias": True,
        },
        unstack=("gate_proj", "up_proj", "down_proj"),
    ),
    "deepseek-v3-12-heads": case(
        64,
        "deepseek_v3",
        {**DEEPSEEK, **TENSOR, "num_hidden_layers": 4, "q_lora_rank": None, "rope_scaling": {**DEEPSEEK_YARN, "mscale": 0.7}},
    ),
    "deepseek-v3-4-bit-12-heads": case(65, "deepseek_v3", {**DEEPSEEK, **TENSOR, "num_hidden_layers": 4}, bits=4, group=32),
    "kimi-k2-8-bit": case(
        66,
        "kimi_k2",
        {**DEEPSEEK, "n_group": 1, "topk_group": 1, "n_shared_experts": None, "rope_scaling": None, "first_k_dense_replace": 0},
        bits=8,
        group=32,
    ),
    "gpt-oss": case(67, "gpt_oss", {**GPT_OSS, **SMALL, "layer_types": ["sliding_attention", "full_attention", "full_attention"]}),
    "gpt-oss-12-heads-mxfp4": case(
        68,
        "gpt_oss",
        {**GPT_OSS, **TENSOR, "num_hidden_layers": 4, "sliding_window": 16},
        bits=8,
        group=32,
        overrides={f"experts.{name}": {"mode": "mxfp4", "bits": 4, "group_size": 32} for name in ("gate_proj", "up_proj", "down_proj")},
    ),
    "gpt-oss-4-bit": case(69, "gpt_oss", {**GPT_OSS, "layer_types": None}, bits=4, group=32),
    # As on Macs: compared only in bfloat16.
    "llama-4-bit-bfloat16": case(80, "llama", EVEN, bits=4, stored=mx.bfloat16),
    "qwen3-moe-4-bit-bfloat16": case(81, "qwen3_moe", QWEN3_MOE, bits=4, group=32, stored=mx.bfloat16),
    "gpt-oss-mxfp4-bfloat16": case(
        82,
        "gpt_oss",
        {**GPT_OSS, **TENSOR, "num_hidden_layers": 4, "sliding_window": 16},
        bits=8,
        group=32,
        stored=mx.bfloat16,
        overrides={f"experts.{name}": {"mode": "mxfp4", "bits": 4, "group_size": 32} for name in ("gate_proj", "up_proj", "down_proj")},
    ),
    "deepseek-v3-4-bit-bfloat16": case(
        83, "deepseek_v3", {**DEEPSEEK, **TENSOR, "num_hidden_layers": 4}, bits=4, group=32, stored=mx.bfloat16
    ),
    "gemma3-text-bfloat16": case(84, "gemma3_text", GEMMA, stored=mx.bfloat16),
    # MLX on CPUs multiplies experts in bfloat16 only if they are quantized. A product that is not rounds once with its bias.
    "qwen2-moe-4-bit-bfloat16": case(
        86,
        "qwen2_moe",
        {
            **EVEN,
            "num_experts": 8,
            "num_experts_per_tok": 4,
            "moe_intermediate_size": 64,
            "shared_expert_intermediate_size": 96,
            "norm_topk_prob": False,
            "decoder_sparse_step": 1,
        },
        bits=4,
        group=32,
        stored=mx.bfloat16,
        overrides={"q_proj": False, "k_proj": False, "v_proj": False, "mlp.gate": False},
    ),
    "glm4-moe-4-bit-bfloat16": case(85, "glm4_moe", GROUPED, bits=4, group=32, stored=mx.bfloat16),
}


CASES.update({f"family-{name}": case(100 + index, *family) for index, (name, family) in enumerate(FAMILIES.items())})
QUANTIZED_FAMILIES = {"kimi-linear": 4, "qwen3-next": 4, "nemotron-h": 8, "minimax-m3": 8, "deepseek-v41": 4}
CASES.update(
    {
        f"family-{name}-{bits}-bit": case(300 + index, *FAMILIES[name], bits=bits, group=32, overrides={"res_proj": False})
        for index, (name, bits) in enumerate(QUANTIZED_FAMILIES.items())
    }
)


def text_config(config):
    return {**config, **config.get("text_config", {})}


def random_model(spec):
    config = spec["config"]
    Model, ModelArgs = _get_classes(config)
    model = Model(ModelArgs.from_dict(copy.deepcopy(config)))
    text = getattr(model, "language_model", model)
    is_tied = text_config(config)["tie_word_embeddings"]
    if is_tied and "lm_head" in text:
        text.sanitize({})  # mlx-lm treats a model without a head as tied
    mx.random.seed(spec["seed"])

    def draw(path, shape):
        noise = mx.random.normal(shape)
        if len(shape) == 1:
            return (1.0 if path.endswith("sinks") else 0.1) * noise + (1.0 if path.endswith(ONES) else 0.0)
        # Spreads logits by a few units, so that rounding does not decide a token.
        is_logit_weight = "lm_head" in path or ("embed" in path and is_tied)
        return (
            noise
            * (5.0 if is_logit_weight else 1.0)
            / (1.0 if "embed" in path and "embed_q" not in path and not is_logit_weight else math.sqrt(shape[-1]))
        )

    model.update(tree_unflatten([(path, draw(path, value.shape)) for path, value in tree_flatten(model.parameters())]))
    if spec["stored"]:
        model.set_dtype(spec["stored"])
    return model, quantize(model, spec)


def quantize(model, spec):
    if not spec["bits"]:
        return None
    entry = {"group_size": spec["group"], "bits": spec["bits"]}

    def choose(path, module):
        if not hasattr(module, "to_quantized") or module.weight.shape[-1] % spec["group"] != 0:
            return False
        override = next((value for ending, value in spec["overrides"].items() if path.endswith(ending)), None)
        if override is not None:
            entry[path] = override
        return True if override is None else override

    nn.quantize(model, spec["group"], spec["bits"], class_predicate=choose)
    return entry


def unstack_experts(weights, names):
    new_names = dict(zip(("gate_proj", "up_proj", "down_proj"), names))
    singles = {}
    for path, value in weights.items():
        before, is_stack, after = path.partition("switch_mlp.")
        if not is_stack:
            singles[path] = value
            continue
        projection, kind = after.split(".")
        for expert in range(value.shape[0]):
            singles[f"{before}experts.{expert}.{new_names[projection]}.{kind}"] = value[expert]
    return singles


def join_latent_heads(weights):
    """Interleaves both matrices of every head, as in DeepSeek's original checkpoints."""
    joined = dict(weights)
    for path in [path for path in weights if path.endswith("embed_q.weight")]:
        prefix = path.removesuffix("embed_q.weight")
        keys, values = joined.pop(path).swapaxes(-1, -2), joined.pop(f"{prefix}unembed_out.weight")
        joined[f"{prefix}kv_b_proj.weight"] = mx.concatenate([keys, values], axis=1).reshape(-1, keys.shape[-1])
    return joined


def save(folder, spec, model, quantization):
    weights = dict(tree_flatten(model.parameters()))
    if spec["unstack"]:
        weights = join_latent_heads(unstack_experts(weights, spec["unstack"]))
    mx.eval(weights)
    config = {**spec["config"], **({"quantization": quantization, "quantization_config": quantization} if quantization else {})}
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    if spec["files"] == 1:
        mx.save_safetensors(str(folder / "model.safetensors"), weights)
        return
    names = sorted(weights)
    places = {name: f"model-{index % spec['files'] + 1:05}-of-{spec['files']:05}.safetensors" for index, name in enumerate(names)}
    for file in set(places.values()):
        mx.save_safetensors(str(folder / file), {name: weights[name] for name in names if places[name] == file})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))


def log_softmax(logits):
    logits = logits.astype(mx.float32)
    return logits - mx.logsumexp(logits, axis=-1, keepdims=True)


def answer(model, prompt, drawn_tokens):
    cache = make_prompt_cache(model)
    scores = log_softmax(model(mx.array([prompt]), cache=cache)[0])
    prompt_logprobs = [scores[i, token].item() for i, token in enumerate(prompt[1:])]
    tokens, logprobs, seconds = [], [], []
    for _ in range(drawn_tokens):
        token = mx.argmax(scores[-1]).item()
        second = [other for other in mx.argsort(-scores[-1])[:2].tolist() if other != token][0]
        seconds.append({"token": second, "gap": (scores[-1, token] - scores[-1, second]).item()})
        tokens.append(token)
        logprobs.append(scores[-1, token].item())
        scores = log_softmax(model(mx.array([[token]]), cache=cache)[0])
    return {"prompt": prompt, "tokens": tokens, "logprobs": logprobs, "prompt_logprobs": prompt_logprobs, "seconds": seconds}


def make(folder, spec):
    model, quantization = random_model(spec)
    folder.mkdir(parents=True, exist_ok=True)
    save(folder, spec, model, quantization)
    vocabulary = text_config(spec["config"])["vocab_size"]
    is_family = folder.name.startswith("family-")
    prompts = [mx.random.randint(0, vocabulary, (length,)).tolist() for length in (FAMILY_PROMPT_LENGTHS if is_family else PROMPT_LENGTHS)]

    def write_answers(name):
        answers = [answer(model, prompt, FAMILY_DRAWN_TOKENS if is_family else DRAWN_TOKENS) for prompt in prompts]
        (folder / name).write_text(json.dumps({"prompts": answers}))

    if spec["stored"] is not None and spec["stored"] == mx.bfloat16:
        write_answers("answers-as-stored.json")
    if spec["stored"]:
        model.set_dtype(mx.float32)  # the engine widens weights and computes in float32
    write_answers("answers.json")


if __name__ == "__main__":
    out, names = Path(sys.argv[1]), sys.argv[2:] or list(CASES)
    for number, name in enumerate(names, 1):
        if (out / name).exists():
            continue
        print(f"{number}/{len(names)} {name}", file=sys.stderr, flush=True)
        unfinished = out / ".unfinished" / name
        make(unfinished, CASES[name])
        unfinished.rename(out / name)
