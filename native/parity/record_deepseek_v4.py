"""Records what mlx-vlm answers on the tiny DeepSeek V4, as native/__fixtures__/deepseek-v4-answers.json.

    record_deepseek_v4.py FOLDER_OF_MLX_VLM FOLDER_OF_MODEL > deepseek-v4-answers.json

mlx-lm does not have this family. FOLDER_OF_MLX_VLM is the unpacked wheel of mlx-vlm 0.7.10, of which only the modules of the language
model are imported. The model is what writeTinyDeepSeekV4 writes. The format is that of make_models.py.

Each token is drawn with the whole text before it in one call: mlx-vlm forgets the tokens of the group before a call's first one.
"""

import json
import sys
import types
from pathlib import Path

import mlx.core as mx

# The last prompt has two large groups, and more small ones than a token sees.
PROMPT_LENGTHS = (3, 90, 300)
DRAWN_TOKENS = 12


def import_language(wheel):
    for name, path in (("mlx_vlm", "mlx_vlm"), ("mlx_vlm.models.deepseek_v4", "mlx_vlm/models/deepseek_v4")):
        package = types.ModuleType(name)
        package.__path__ = [str(wheel / path)]
        sys.modules[name] = package
    # The base module names the type of an image.
    pillow = types.ModuleType("PIL")
    pillow.Image = types.SimpleNamespace(Image=object)
    sys.modules["PIL"] = pillow
    from mlx_vlm.models.deepseek_v4 import config, language

    return config, language


def scores_of(model, tokens):
    logits = model(mx.array([tokens]), cache=model.make_cache()).logits[0].astype(mx.float32)
    return logits - mx.logsumexp(logits, axis=-1, keepdims=True)


def answer(model, prompt):
    scores = scores_of(model, prompt)
    prompt_logprobs = [round(scores[place, token].item(), 5) for place, token in enumerate(prompt[1:])]
    tokens, logprobs, seconds = [], [], []
    for _ in range(DRAWN_TOKENS):
        token, second = mx.argsort(-scores[-1])[:2].tolist()
        seconds.append({"token": second, "gap": round((scores[-1, token] - scores[-1, second]).item(), 5)})
        tokens.append(token)
        logprobs.append(round(scores[-1, token].item(), 5))
        scores = scores_of(model, prompt + tokens)
    return {"prompt": prompt, "tokens": tokens, "logprobs": logprobs, "prompt_logprobs": prompt_logprobs, "seconds": seconds}


def main(wheel, folder):
    config, language = import_language(wheel)
    settings = config.ModelConfig.from_dict(json.loads((folder / "config.json").read_text()))
    model = language.LanguageModel(settings)
    model.load_weights(str(folder / "model.safetensors"))
    mx.eval(model.parameters())
    prompts = [[(place * 37 + place * place * 11 + length) % settings.vocab_size for place in range(length)] for length in PROMPT_LENGTHS]
    print(json.dumps({"prompts": [answer(model, prompt) for prompt in prompts]}, separators=(",", ":")))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
