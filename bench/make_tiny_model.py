"""Creates the benchmark's tiny random model, 30 layers of width 128, with a byte-level tokenizer: make_tiny_model.py OUT."""

import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers

sys.path.insert(0, str(Path(__file__).parents[1] / "native" / "parity"))
from make_models import case, random_model, save

TINY = {
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 30,
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 16,
    "rms_norm_eps": 1e-5,
    "vocab_size": 512,
    "max_position_embeddings": 4096,
    "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
spec = case(1, "llama", TINY)
save(folder, spec, *random_model(spec))

letters = sorted(pre_tokenizers.ByteLevel.alphabet())
words = [f"{letters[i]}{letters[(i * 7) % 256]}" for i in range(256)]
tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(letters + words)}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.save(str(folder / "tokenizer.json"))
(folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
