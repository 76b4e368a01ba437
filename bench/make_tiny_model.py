"""Creates a tiny random model of the benchmark, with a byte-level tokenizer: make_tiny_model.py OUT [llama|delta-net].

llama: 30 layers of width 128. delta-net: 24 layers of width 128, three delta nets and an attention in turns, with experts.
"""

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

DELTA_NET = {
    **TINY,
    "num_hidden_layers": 24,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "linear_num_value_heads": 4,
    "linear_num_key_heads": 2,
    "linear_key_head_dim": 32,
    "linear_value_head_dim": 32,
    "linear_conv_kernel_dim": 4,
    "full_attention_interval": 4,
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 64,
    "shared_expert_intermediate_size": 64,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "norm_topk_prob": True,
    "partial_rotary_factor": 0.25,
}
KINDS = {"llama": ("llama", TINY), "delta-net": ("qwen3_next", DELTA_NET)}

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
spec = case(1, *KINDS[sys.argv[2] if len(sys.argv) > 2 else "llama"])
save(folder, spec, *random_model(spec))

letters = sorted(pre_tokenizers.ByteLevel.alphabet())
words = [f"{letters[i]}{letters[(i * 7) % 256]}" for i in range(256)]
tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(letters + words)}, merges=[]))
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.save(str(folder / "tokenizer.json"))
(folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
