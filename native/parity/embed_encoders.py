"""Records what other programs make of the tiny encoders, as native/__fixtures__/encoder-vectors.json.

    embed_encoders.py FOLDER_OF_MLX_EMBEDDINGS FOLDER_OF_MODELS > encoder-vectors.json

BERT, XLM-RoBERTa, ModernBERT and Gemma 3 run in mlx-embeddings 0.1.0 (the unpacked wheel; its package imports nothing else that
mlx-lm's environment lacks). JinaBERT and NomicBERT, which it does not have, are written out below in NumPy after their authors' modules.
"""

import importlib
import json
import math
import sys
import types
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import numpy as np

# Tokens of the text, and how many of the last ones are of a second text.
PROMPTS = [(1, 0), (9, 4), (30, 0)]


def tokens_of(count):
    return [3 + (index * 37 + count) % 110 for index in range(count)]


def unit(vector):
    vector = np.asarray(vector, dtype=np.float64)
    return (vector / np.linalg.norm(vector)).tolist()


def numpy_weights(folder):
    return {name: np.array(value, dtype=np.float64) for name, value in mx.load(str(folder / "model.safetensors")).items()}


def import_family(packages, name):
    for package in ("mlx_embeddings", "mlx_embeddings.models"):
        if package not in sys.modules:
            module = types.ModuleType(package)
            module.__path__ = [str(Path(packages, *package.split(".")))]
            sys.modules[package] = module
    return importlib.import_module(f"mlx_embeddings.models.{name}")


def states_by_mlx_embeddings(packages, family, folder, config):
    module = import_family(packages, family)
    weights = mx.load(str(folder / "model.safetensors"))
    arguments = importlib.import_module("mlx_lm.models.gemma3_text").ModelArgs if family == "gemma3_text" else module.ModelArgs
    model = module.Model(arguments.from_dict(config))
    model.eval()
    if family == "modernbert":
        # The models were trained with the exact function.
        for layer in model.model.layers:
            layer.mlp.act = nn.GELU()
    prefix = {"bert": "bert.", "xlm_roberta": "roberta."}.get(family)
    own = {name.removeprefix(prefix) if prefix else name: value for name, value in weights.items()}
    known = {name for name, _ in nn.utils.tree_flatten(model.parameters())}
    model.load_weights([(name, value) for name, value in model.sanitize(own).items() if name in known], strict=False)

    def run(tokens, second):
        ids = mx.array([tokens])
        if family == "gemma3_text":
            return np.array(model(ids).last_hidden_state[0], dtype=np.float64)
        if family == "modernbert":
            return np.array(model.model(ids, attention_mask=mx.ones(ids.shape))["last_hidden_state"][0], dtype=np.float64)
        kinds = mx.array([[0] * (len(tokens) - second) + [1] * second]) if config["type_vocab_size"] > 1 else None
        return np.array(model(ids, token_type_ids=kinds).last_hidden_state[0], dtype=np.float64)

    return run


def layer_norm(x, weights, name, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    return scaled * weights[f"{name}.weight"] + weights.get(f"{name}.bias", 0)


def dense(x, weights, name):
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0)


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def attend(queries, keys, values, bias):
    logits = np.einsum("qhd,khd->hqk", queries, keys) / math.sqrt(queries.shape[-1]) + bias
    logits = np.exp(logits - logits.max(-1, keepdims=True))
    return np.einsum("hqk,khd->qhd", logits / logits.sum(-1, keepdims=True), values)


def embedded(weights, tokens, second):
    kinds = [0] * (len(tokens) - second) + [1] * second
    return weights["embeddings.word_embeddings.weight"][tokens] + weights["embeddings.token_type_embeddings.weight"][kinds]


def slopes(heads):
    def of_power(count):
        start = 2 ** (-(2 ** -(math.log2(count) - 3)))
        return [start * start**index for index in range(count)]

    if math.log2(heads).is_integer():
        return of_power(heads)
    lower = 2 ** math.floor(math.log2(heads))
    return of_power(lower) + slopes(2 * lower)[0::2][: heads - lower]


def states_of_jina(folder, config):
    weights = numpy_weights(folder)
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]

    def run(tokens, second):
        x = layer_norm(embedded(weights, tokens, second), weights, "embeddings.LayerNorm", epsilon)
        places = np.arange(len(tokens))
        bias = -np.abs(places[:, None] - places[None])[None] * np.array(slopes(heads))[:, None, None]
        for index in range(config["num_hidden_layers"]):
            name = f"encoder.layer.{index}"
            split = lambda part: dense(x, weights, f"{name}.attention.self.{part}").reshape(len(tokens), heads, -1)
            mixed = attend(split("query"), split("key"), split("value"), bias).reshape(len(tokens), -1)
            mixed = dense(mixed, weights, f"{name}.attention.output.dense")
            x = layer_norm(mixed + x, weights, f"{name}.attention.output.LayerNorm", epsilon)
            gated, plain = np.split(dense(x, weights, f"{name}.mlp.gated_layers"), 2, -1)
            x = layer_norm(dense(gelu(gated) * plain, weights, f"{name}.mlp.wo") + x, weights, f"{name}.mlp.layernorm", epsilon)
        return x

    return run


def rotated(x, base):
    half = x.shape[-1] // 2
    angles = np.arange(len(x))[:, None] / base ** (np.arange(half) / half)[None]
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    first, last = x[..., :half], x[..., half:]
    return np.concatenate([first * cosine - last * sine, last * cosine + first * sine], -1)


def states_of_nomic(folder, config):
    weights = numpy_weights(folder)
    heads, epsilon, base = config["n_head"], config["layer_norm_epsilon"], config["rotary_emb_base"]

    def run(tokens, second):
        x = layer_norm(embedded(weights, tokens, second), weights, "emb_ln", epsilon)
        for index in range(config["n_layer"]):
            name = f"encoder.layers.{index}"
            queries, keys, values = dense(x, weights, f"{name}.attn.Wqkv").reshape(len(tokens), 3, heads, -1).transpose(1, 0, 2, 3)
            mixed = attend(rotated(queries, base), rotated(keys, base), values, 0).reshape(len(tokens), -1)
            x = layer_norm(dense(mixed, weights, f"{name}.attn.out_proj") + x, weights, f"{name}.norm1", epsilon)
            gate = dense(x, weights, f"{name}.mlp.fc12")
            inner = dense(x, weights, f"{name}.mlp.fc11") * (gate / (1 + np.exp(-gate)))
            x = layer_norm(dense(inner, weights, f"{name}.mlp.fc2") + x, weights, f"{name}.norm2", epsilon)
        return x

    return run


def classifier_of(family, folder, config):
    weights = numpy_weights(folder)

    def score(states):
        if family == "bert":
            return dense(np.tanh(dense(states[0], weights, "bert.pooler.dense")), weights, "classifier")
        if family == "xlm_roberta":
            return dense(np.tanh(dense(states[0], weights, "classifier.dense")), weights, "classifier.out_proj")
        pooled = gelu(dense(states.mean(0), weights, "head.dense"))
        return dense(layer_norm(pooled, weights, "head.norm", config["norm_eps"]), weights, "classifier")

    return score


def record(packages, folder):
    config = json.loads((folder / "config.json").read_text())
    family = {"nomic_bert": "nomic", "xlm-roberta": "xlm_roberta"}.get(config["model_type"], config["model_type"])
    if config.get("position_embedding_type") == "alibi":
        run = states_of_jina(folder, config)
    elif family == "nomic":
        run = states_of_nomic(folder, config)
    else:
        run = states_by_mlx_embeddings(packages, family, folder, config)
    heads = [numpy_weights(path) for path in sorted(folder.glob("*_Dense"))]
    is_classifier = "ForSequenceClassification" in str(config.get("architectures"))
    prompts = []
    for count, second in PROMPTS:
        tokens = tokens_of(count)
        states = run(tokens, second)
        prompt = {"tokens": tokens, "second": second}
        if is_classifier:
            prompt["scores"] = np.asarray(classifier_of(family, folder, config)(states)).tolist()
        else:
            for name, pooled in (("first", states[0]), ("last", states[-1]), ("mean", states.mean(0))):
                for head in heads:
                    pooled = dense(pooled, head, "linear")
                prompt[name] = [round(value, 7) for value in unit(pooled)]
        prompts.append(prompt)
    return prompts


if __name__ == "__main__":
    mx.set_default_device(mx.cpu)
    found = sorted(path.parent for path in Path(sys.argv[2]).glob("*/config.json"))
    print(json.dumps({folder.name: record(sys.argv[1], folder) for folder in found}))
