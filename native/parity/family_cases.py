"""A tiny config of each family that make_models.py does not cover: (model_type, config)."""

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


# Delta nets, one attention, and a delta net after it.
DELTA = {**HEADS, "num_hidden_layers": 5, "linear_num_value_heads": 4, "linear_num_key_heads": 2, "linear_key_head_dim": 32, "linear_value_head_dim": 24,
         "linear_conv_kernel_dim": 4, "full_attention_interval": 4}
QWEN_EXPERTS = {"num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "shared_expert_intermediate_size": 96}
QWEN_ROPE = {"rope_type": "default", "rope_theta": 1e7, "partial_rotary_factor": 0.25, "mrope_interleaved": True, "mrope_section": [2, 1, 1]}
SLIDING = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
MINISTRAL = {**HEADS, "model_type": "ministral3", "rope_parameters": {**YARN, "mscale": 1.0, "mscale_all_dim": 1.0, "llama_4_scaling_beta": 0.1, "rope_theta": 1e6}}
V2_YARN = {**YARN, "type": "yarn", "mscale": 0.7, "mscale_all_dim": 0.7}
NEMOTRON = {**HEADS, "num_hidden_layers": 5, "mamba_num_heads": 6, "mamba_head_dim": 16, "ssm_state_size": 24, "conv_kernel": 4, "n_groups": 2, "use_conv_bias": True,
            "use_bias": False, "mlp_bias": False, "attention_bias": False, "mamba_proj_bias": False, "layer_norm_epsilon": 1e-5, "n_routed_experts": 8, "n_shared_experts": 1,
            "moe_intermediate_size": 64, "moe_shared_expert_intermediate_size": 96, "moe_latent_size": 64, "num_experts_per_tok": 3, "norm_topk_prob": True, "n_group": 4,
            "topk_group": 2, "routed_scaling_factor": 2.5}
LFM2 = {**PLAIN, "num_hidden_layers": 4, "norm_eps": 1e-5, "conv_bias": False, "conv_L_cache": 3, "tie_word_embeddings": True, "full_attn_idxs": [1, 3]}
GEMMA4 = {**HEADS, "model_type": "gemma4_text", "num_hidden_layers": 6, "head_dim": 24, "global_head_dim": 32, "sliding_window": 16, "sliding_window_pattern": 3,
          "tie_word_embeddings": True, "final_logit_softcapping": 8.0}
GEMMA4_OUTSIDE = {"vocab_size": 256, "tie_word_embeddings": True}
LINEAR = {"num_hidden_layers": 6, "layer_group_size": 3, "group_norm_size": 2, "num_key_value_heads": 2}
SPARSE = {"index_n_heads": 4, "index_head_dim": 24, "index_topk": 24}
SOFT_EXPERTS = {**EXPERTS, "scoring_func": "softmax", "n_group": 1, "topk_group": 1}
FAMILIES = {
    "smollm3": ("smollm3", {**HEADS, "no_rope_layers": [1, 0, 1, 0]}),
    "olmo2": ("olmo2", PLAIN),
    "olmo3": ("olmo3", {**PLAIN, "sliding_window": 16, "rope_scaling": YARN, "layer_types": SLIDING}),
    "olmoe": ("olmoe", {**PLAIN, "num_experts": 8, "num_experts_per_tok": 2, "norm_topk_prob": False}),
    "exaone4": ("exaone4", {**HEADS, "sliding_window": 16, "sliding_window_pattern": "LLG", "rope_scaling": None}),
    "ministral3": ("ministral3", {**MINISTRAL, "sliding_window": 24, "layer_types": SLIDING}),
    "mistral3-ministral3": ("mistral3", seeing("mistral3", MINISTRAL)),
    "minimax": ("minimax", {**HEADS, "num_local_experts": 8, "num_experts_per_tok": 2, "shared_intermediate_size": 0, "rotary_dim": 16}),
    "mimo-v2": ("mimo_v2_flash", {
        **HEADS, **EXPERTS, "head_dim": 24, "v_head_dim": 16, "swa_num_attention_heads": 4, "swa_num_key_value_heads": 4, "swa_head_dim": 24, "swa_v_head_dim": 16,
        "sliding_window_size": 16, "hybrid_layer_pattern": [0, 1, 1, 0], "moe_layer_freq": [0, 1, 1, 1], "add_swa_attention_sink_bias": True, "add_full_attention_sink_bias": False,
        "swa_rope_theta": 1e4, "partial_rotary_factor": 0.334, "attention_value_scale": 0.7, "layernorm_epsilon": 1e-5, "n_shared_experts": None}),
    "step3p5": ("step3p5", {
        **HEADS, "num_attention_groups": 2, "sliding_window": 16, "attention_other_setting": {"num_attention_heads": 6, "num_attention_groups": 2}, "layer_types": SLIDING,
        "rope_theta": [1e4, 1e4, 5e6, 1e4], "partial_rotary_factors": [1.0, 1.0, 0.5, 1.0], "rope_scaling": {**YARN, "factor": 4.0}, "yarn_only_types": ["full_attention"],
        "moe_num_experts": 8, "moe_top_k": 2, "moe_intermediate_size": 64, "share_expert_dim": 64, "moe_layers_enum": "1,2,3", "moe_router_scaling_factor": 3.0,
        "swiglu_limits": [0, 0, 0.5, 0.5], "swiglu_limits_shared": [0, 0.8, 0, 0.8]}),
    "laguna": ("laguna", {
        **HEADS, "sliding_window": 16, "layer_types": SLIDING, "num_attention_heads_per_layer": [6, 6, 4, 6], "mlp_layer_types": ["dense", "sparse", "sparse", "sparse"],
        "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "shared_expert_intermediate_size": 64, "moe_routed_scaling_factor": 2.5,
        "moe_router_logit_softcapping": 3.0, "moe_router_score_func": "sqrtsoftplus",
        "rope_parameters": {"full_attention": {**YARN, "rope_theta": 5e5, "partial_rotary_factor": 0.5},
                            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4, "partial_rotary_factor": 1.0}}}),
    "gemma2": ("gemma2", {**HEADS, "query_pre_attn_scalar": 24, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 8.0, "tie_word_embeddings": True}),
    "granite": ("granite", {**PLAIN, "embedding_multiplier": 12.0, "attention_multiplier": 0.1, "residual_multiplier": 0.3, "logits_scaling": 4.0, "attention_bias": True,
                            "mlp_bias": False}),
    "cohere2": ("cohere2", {**PLAIN, "head_dim": 24, "layer_norm_eps": 1e-5, "layer_norm_bias": True, "logit_scale": 0.25, "sliding_window": 16, "sliding_window_pattern": 3,
                            "tie_word_embeddings": True}),
    "qwen2-moe": ("qwen2_moe", {**PLAIN, "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "shared_expert_intermediate_size": 96}),
    "ernie4-5-moe": ("ernie4_5_moe", {**HEADS, "use_bias": False, "moe_num_experts": 8, "moe_k": 3, "moe_intermediate_size": 64, "moe_num_shared_experts": 2,
                                      "moe_layer_start_index": 1}),
    "hunyuan-dense": ("hunyuan_v1_dense", {**HEADS, "rope_scaling": {"type": "dynamic", "alpha": 100.0, "factor": 1.0}}),
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
    "deepseek-v2": ("deepseek_v2", {**LATENT, **SOFT_EXPERTS, "rope_scaling": V2_YARN, "topk_method": "group_limited_greedy", "n_group": 4, "topk_group": 2,
                                    "routed_scaling_factor": 3.0}),
    "deepseek-v2-lite": ("deepseek_v2", {**LATENT, **SOFT_EXPERTS, "q_lora_rank": None, "rope_scaling": V2_YARN, "topk_method": "greedy"}),
    "cohere": ("cohere", {**PLAIN, "layer_norm_eps": 1e-5, "layer_norm_bias": True, "logit_scale": 0.25, "tie_word_embeddings": True}),
    "helium": ("helium", {**PLAIN, "head_dim": 24, "attention_bias": True, "mlp_bias": True}),
    "granitemoe": ("granitemoe", {**PLAIN, "embedding_multiplier": 12.0, "attention_multiplier": 0.1, "residual_multiplier": 0.3, "logits_scaling": 4.0,
                                  "attention_bias": False, "num_local_experts": 8, "num_experts_per_tok": 3}),
    "afmoe": ("afmoe", {**HEADS, "layer_types": SLIDING, "sliding_window": 16, "num_experts": 8, "num_experts_per_tok": 3, "moe_intermediate_size": 64,
                        "num_dense_layers": 1, "n_group": 4, "topk_group": 2}),
    "qwen3-next": ("qwen3_next", {**DELTA, **QWEN_EXPERTS, "decoder_sparse_step": 1, "mlp_only_layers": [1], "norm_topk_prob": True, "partial_rotary_factor": 0.25}),
    "qwen3-5": ("qwen3_5", seeing("qwen3_5", {**DELTA, "model_type": "qwen3_5_text", "rope_parameters": QWEN_ROPE})),
    "qwen3-5-moe": ("qwen3_5_moe", seeing("qwen3_5_moe", {**DELTA, **QWEN_EXPERTS, "model_type": "qwen3_5_moe_text", "rope_parameters": QWEN_ROPE})),
    "gemma4": ("gemma4", seeing("gemma4", {**GEMMA4, "num_kv_shared_layers": 3, "hidden_size_per_layer_input": 32, "vocab_size_per_layer_input": 256}) | GEMMA4_OUTSIDE),
    "gemma4-moe": ("gemma4_text", {**GEMMA4, "num_hidden_layers": 4, "num_key_value_heads": 4, "num_global_key_value_heads": 2, "num_kv_shared_layers": 0, "hidden_size_per_layer_input": 0,
                                   "attention_k_eq_v": True, "enable_moe_block": True, "num_experts": 8, "top_k_experts": 2, "moe_intermediate_size": 64}),
    "nemotron-h": ("nemotron_h", {**NEMOTRON, "hybrid_override_pattern": "M-*EM", "time_step_limit": [0.01, 0.2]}),
    "granite-hybrid": ("granitemoehybrid", {
        **PLAIN, "embedding_multiplier": 12.0, "attention_multiplier": 0.1, "residual_multiplier": 0.3, "logits_scaling": 4.0, "attention_bias": False,
        "layer_types": ["mamba", "attention", "mamba", "mamba"], "num_local_experts": 8, "num_experts_per_tok": 3, "shared_intermediate_size": 64, "intermediate_size": 64,
        "position_embedding_type": "nope", "mamba_n_heads": 6, "mamba_d_head": 16, "mamba_d_state": 16, "mamba_d_conv": 4, "mamba_n_groups": 2, "mamba_conv_bias": True,
        "mamba_proj_bias": False}),
    "lfm2": ("lfm2", {**LFM2, "block_dim": 96, "block_ff_dim": 200, "block_multiple_of": 16, "block_ffn_dim_multiplier": 1.2, "block_auto_adjust_ff_dim": True}),
    "lfm2-moe": ("lfm2_moe", {**LFM2, "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "num_dense_layers": 1, "norm_topk_prob": True,
                              "use_expert_bias": True, "routed_scaling_factor": 1.5}),
    "kimi-linear": ("kimi_linear", {
        **LATENT, "q_lora_rank": None, "num_hidden_layers": 5, "head_dim": 16, "mla_use_nope": True, "model_max_length": 2048, "num_experts": 8, "num_experts_per_token": 3,
        "num_shared_experts": 1, "moe_intermediate_size": 64, "moe_renormalize": True, "routed_scaling_factor": 2.4, "first_k_dense_replace": 1, "num_expert_group": 4,
        "topk_group": 2, "linear_attn_config": {"kda_layers": [1, 2, 3, 5], "full_attn_layers": [4], "num_heads": 4, "head_dim": 24, "short_conv_kernel_size": 4}}),
    "ling-linear": ("bailing_moe_linear", {**LING, **LINEAR, "head_dim": 16}),
    "ling-hybrid": ("bailing_hybrid", {**LATENT, **LING, **LINEAR, "num_key_value_heads": 4, "head_dim": 32, "rope_interleave": True,
                                       "moe_shared_expert_intermediate_size": 96}),
    "falcon-h1": ("falcon_h1", {
        **HEADS, "mamba_d_ssm": 96, "mamba_n_heads": 6, "mamba_d_head": 16, "mamba_d_state": 24, "mamba_n_groups": 2, "mamba_d_conv": 4, "mamba_conv_bias": True,
        "mamba_proj_bias": False, "mamba_rms_norm": False, "attention_bias": False, "mlp_bias": False, "projectors_bias": False, "rope_theta": 1e11}),
    "deepseek-v32": ("deepseek_v32", {**LATENT, **EXPERTS, **SPARSE, "q_lora_rank": 48, "rope_scaling": {**V2_YARN, "mscale": 1.0, "mscale_all_dim": 1.0}}),
    "glm-5": ("glm_moe_dsa", {**LATENT, **EXPERTS, **SPARSE, "moe_layer_freq": 1, "attention_bias": False,
                              "rope_parameters": {"rope_theta": 1e6, "rope_type": "default"}}),
    "minicpm": ("minicpm", {**PLAIN, "dim_model_base": 24, "scale_depth": 1.4, "scale_emb": 12.0}),
    "mellum": ("mellum", {**HEADS, "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64, "norm_topk_prob": True, "sliding_window": 16,
                          "layer_types": SLIDING, "rope_parameters": {"full_attention": {**YARN, "rope_theta": 5e5}, "sliding_attention": {"rope_type": "default", "rope_theta": 1e4}}}),
    "mistral4": ("mistral4", {**LATENT, **SOFT_EXPERTS, "rope_parameters": {**MINISTRAL["rope_parameters"], "llama_4_scaling_beta": 0.3}}),
}
