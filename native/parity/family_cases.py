"""One tiny config of each family beyond those of make_models.py: (model_type, config)."""

PLAIN = {
    "hidden_size": 96, "intermediate_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
    "vocab_size": 256, "max_position_embeddings": 2048, "rope_theta": 10000.0, "tie_word_embeddings": False,
}
HEADS = {**PLAIN, "head_dim": 32}
EXPERTS = {"moe_intermediate_size": 64, "n_routed_experts": 8, "n_shared_experts": 1, "num_experts_per_tok": 2, "norm_topk_prob": True, "routed_scaling_factor": 1.5,
           "n_group": 1, "topk_group": 1, "first_k_dense_replace": 1, "scoring_func": "sigmoid", "topk_method": "noaux_tc"}
LATENT = {**PLAIN, "num_key_value_heads": 4, "kv_lora_rank": 32, "q_lora_rank": 48, "qk_rope_head_dim": 16, "qk_nope_head_dim": 24, "v_head_dim": 32, "rope_scaling": None}
YARN = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 64, "beta_fast": 32.0, "beta_slow": 1.0}
LING = {
    **PLAIN, "moe_intermediate_size": 64, "num_experts": 8, "num_shared_experts": 2, "num_experts_per_tok": 3, "norm_topk_prob": True, "first_k_dense_replace": 1,
    "partial_rotary_factor": 0.5, "use_qk_norm": True, "moe_router_enable_expert_bias": True, "score_function": "sigmoid", "n_group": 4, "topk_group": 2,
    "routed_scaling_factor": 2.5,
}


def seeing(model_type, text):
    return {"model_type": model_type, "text_config": text}


FAMILIES = {
    "joyai": ("joyai_llm_flash", {**LATENT, **EXPERTS}),
    "glm4-moe-lite": ("glm4_moe_lite", {**LATENT, **EXPERTS, "rms_norm_eps": 1e-3}),
    "youtu": ("youtu_llm", {**LATENT, "tie_word_embeddings": True, "rope_scaling": YARN}),
    "kimi-k25": ("kimi_k25", seeing("kimi_k25", {**LATENT, **EXPERTS, "model_type": "kimi_k2"})),
    "kimi-vl": ("kimi_vl", seeing("kimi_vl", {**LATENT, **EXPERTS, "model_type": "deepseek_v3"})),
    "seed-oss": ("seed_oss", {**HEADS, "attention_bias": True}),
    "ernie4-5": ("ernie4_5", {**HEADS, "use_bias": True}),
    "internlm3": ("internlm3", {**PLAIN, "bias": True, "qkv_bias": True}),
    "iquestcoder": ("iquestcoder", HEADS),
    "telechat3": ("telechat3", {**HEADS, "rope_scaling": {**YARN, "rope_type": "telechat3-yarn"}}),
    "mimo": ("mimo", PLAIN),
    "glm": ("glm", HEADS),
    "glm4": ("glm4", {**HEADS, "attention_bias": True, "partial_rotary_factor": 0.5}),
    "solar-open": ("solar_open", {**HEADS, **EXPERTS, "partial_rotary_factor": 1.0}),
    "dots1": ("dots1", {**HEADS, **EXPERTS, "scoring_func": "noaux_tc"}),
    "ling": ("bailing_moe", {**LING, "score_function": "softmax", "moe_router_enable_expert_bias": False, "n_group": 1}),
    "ling-2": ("bailing_moe", LING),
    "qwen2-5-vl": ("qwen2_5_vl", seeing("qwen2_5_vl", {**PLAIN, "model_type": "qwen2_5_vl_text", "rope_scaling": {"type": "mrope", "mrope_section": [4, 4, 4]}})),
    "qwen3-vl": ("qwen3_vl", seeing("qwen3_vl", {**HEADS, "model_type": "qwen3_vl_text", "tie_word_embeddings": True})),
    "mistral3": ("mistral3", seeing("mistral3", {**HEADS, "model_type": "mistral"})),
    "pixtral": ("pixtral", seeing("pixtral", {**HEADS, "model_type": "mistral"})),
}
