# The engine's sources, shared by the addon and by the engine's own tests.
set(ENGINE_DIR "${CMAKE_CURRENT_LIST_DIR}")

# Pure C++: compiles and is tested without MLX.
add_library(engine_core OBJECT
  ${ENGINE_DIR}/cache/kv_pages.cpp
  ${ENGINE_DIR}/cache/paged_caches.cpp
  ${ENGINE_DIR}/cache/prefix_tree.cpp
  ${ENGINE_DIR}/kernels/host_kernels.cpp
  ${ENGINE_DIR}/kernels/kernels_portable.cpp
  ${ENGINE_DIR}/kernels/thread_pool.cpp
  ${ENGINE_DIR}/load/packed_matrix.cpp
  ${ENGINE_DIR}/load/page_memory.cpp
  ${ENGINE_DIR}/load/foreign_forms.cpp
  ${ENGINE_DIR}/load/requantized_rows.cpp
  ${ENGINE_DIR}/load/weight_reader.cpp
  ${ENGINE_DIR}/model/choose_experts.cpp
  ${ENGINE_DIR}/model/cpu/cpu_feed_forward.cpp
  ${ENGINE_DIR}/model/cpu/cpu_linear.cpp
  ${ENGINE_DIR}/model/cpu/cpu_support.cpp
  ${ENGINE_DIR}/parallel/ring/dial_neighbour.cpp
  ${ENGINE_DIR}/parallel/ring/hang_up_watch.cpp
  ${ENGINE_DIR}/parallel/ring/loopback_ends.cpp
  ${ENGINE_DIR}/parallel/ring/neighbour_listener.cpp
  ${ENGINE_DIR}/parallel/ring/ring_connections.cpp
  ${ENGINE_DIR}/parallel/ring/ring_sockets.cpp
  ${ENGINE_DIR}/parallel/ring/sum_exchange.cpp
  ${ENGINE_DIR}/parallel/seal/aead.cpp
  ${ENGINE_DIR}/parallel/seal/neighbour_handshake.cpp
  ${ENGINE_DIR}/parallel/seal/poly1305.cpp
  ${ENGINE_DIR}/parallel/seal/random_bytes.cpp
  ${ENGINE_DIR}/parallel/seal/resending.cpp
  ${ENGINE_DIR}/parallel/seal/sealed_frames.cpp
  ${ENGINE_DIR}/parallel/seal/sealed_pump.cpp
  ${ENGINE_DIR}/parallel/seal/socket_bytes.cpp
  ${ENGINE_DIR}/parallel/sockets/has_ended.cpp
  ${ENGINE_DIR}/parallel/sockets/tcp_socket.cpp
  ${ENGINE_DIR}/sample/sampler.cpp
  ${ENGINE_DIR}/schedule/draft_policy.cpp
  ${ENGINE_DIR}/schedule/plan_check.cpp
  ${ENGINE_DIR}/schedule/prefill_shares.cpp
  ${ENGINE_DIR}/schedule/scheduler.cpp
  ${ENGINE_DIR}/schedule/step_plan.cpp
  ${ENGINE_DIR}/thread_urgency.cpp)
target_compile_options(engine_core PRIVATE -Wall -Wextra -Werror=switch -Werror=return-type)

if(NOT KERNEL_OPTIMIZATION)
  set(KERNEL_OPTIMIZATION -O3)
endif()
# One file per instruction set; host_kernels picks at run time. Contraction makes every x * y + z one instruction.
set(KERNEL_OPTIONS ${KERNEL_OPTIMIZATION} -ffp-contract=fast -Wno-psabi)
set_source_files_properties(${ENGINE_DIR}/kernels/kernels_portable.cpp PROPERTIES COMPILE_OPTIONS "${KERNEL_OPTIONS}")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64" AND NOT APPLE)
  set(AVX512_OPTIONS -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma -mprefer-vector-width=512)
  target_compile_definitions(engine_core PRIVATE EXO_X86_KERNELS)
  target_sources(engine_core PRIVATE ${ENGINE_DIR}/kernels/kernels_avx2.cpp ${ENGINE_DIR}/kernels/kernels_avx512.cpp)
  set_source_files_properties(${ENGINE_DIR}/kernels/kernels_avx2.cpp PROPERTIES COMPILE_OPTIONS "${KERNEL_OPTIONS};-mavx2;-mfma")
  set_source_files_properties(${ENGINE_DIR}/kernels/kernels_avx512.cpp PROPERTIES COMPILE_OPTIONS "${KERNEL_OPTIONS};${AVX512_OPTIONS}")
endif()

# Of these, only the addon needs what xgrammar brings.
set(ENGINE_GRAMMAR_SOURCES
  ${ENGINE_DIR}/grammar/grammar_compiler.cpp
  ${ENGINE_DIR}/grammar/matcher_guide.cpp
  ${ENGINE_DIR}/grammar/xgrammar_log.cpp)

set(ENGINE_MLX_SOURCES
  ${ENGINE_DIR}/cache/array_caches.cpp
  ${ENGINE_DIR}/cache/cache_rows.cpp
  ${ENGINE_DIR}/cache/kept_tokens.cpp
  ${ENGINE_DIR}/cache/sight_caches.cpp
  ${ENGINE_DIR}/device_memory.cpp
  ${ENGINE_DIR}/draft/drafter.cpp
  ${ENGINE_DIR}/encode/encode_loop.cpp
  ${ENGINE_DIR}/engine.cpp
  ${ENGINE_DIR}/graph_evaluator.cpp
  ${ENGINE_DIR}/model/array/array_decoder.cpp
  ${ENGINE_DIR}/model/array/array_stream_layers.cpp
  ${ENGINE_DIR}/model/array/group_row.cpp
  ${ENGINE_DIR}/model/array/mixers/array_group_index.cpp
  ${ENGINE_DIR}/model/array/mixers/array_group_pool.cpp
  ${ENGINE_DIR}/model/array/mixers/array_pooled_attention.cpp
  ${ENGINE_DIR}/model/array/mixers/token_groups.cpp
  ${ENGINE_DIR}/model/array/parts/rounded_numbers.cpp
  ${ENGINE_DIR}/model/array/residual_blocks.cpp
  ${ENGINE_DIR}/model/array/streams.cpp
  ${ENGINE_DIR}/model/array/mixers/array_block_index.cpp
  ${ENGINE_DIR}/model/array/array_feed_forward.cpp
  ${ENGINE_DIR}/model/array/array_layer_inputs.cpp
  ${ENGINE_DIR}/model/array/array_sampler.cpp
  ${ENGINE_DIR}/model/array/mixers/array_attention.cpp
  ${ENGINE_DIR}/model/array/mixers/array_delta_net.cpp
  ${ENGINE_DIR}/model/array/mixers/array_delta_scan.cpp
  ${ENGINE_DIR}/model/array/mixers/array_grouped_attention.cpp
  ${ENGINE_DIR}/model/array/mixers/array_latent_attention.cpp
  ${ENGINE_DIR}/model/array/mixers/array_lightning.cpp
  ${ENGINE_DIR}/model/array/mixers/array_mamba.cpp
  ${ENGINE_DIR}/model/array/mixers/array_scan.cpp
  ${ENGINE_DIR}/model/array/mixers/array_sparse_index.cpp
  ${ENGINE_DIR}/model/array/mixers/array_short_convolution.cpp
  ${ENGINE_DIR}/model/array/mixers/array_state_layer.cpp
  ${ENGINE_DIR}/model/array/parts/array_rope.cpp
  ${ENGINE_DIR}/model/array/parts/array_step.cpp
  ${ENGINE_DIR}/model/array/parts/array_weights.cpp
  ${ENGINE_DIR}/model/array/stage_row.cpp
  ${ENGINE_DIR}/model/cpu/cpu_attention.cpp
  ${ENGINE_DIR}/model/cpu/cpu_decoder.cpp
  ${ENGINE_DIR}/model/cpu/cpu_delta_net.cpp
  ${ENGINE_DIR}/model/cpu/cpu_step.cpp
  ${ENGINE_DIR}/model/encoder/array_encoder.cpp
  ${ENGINE_DIR}/model/host_task.cpp
  ${ENGINE_DIR}/parallel/rank_group.cpp
  ${ENGINE_DIR}/step_loop.cpp
  ${ENGINE_DIR}/step_runner.cpp
  ${ENGINE_DIR}/warm_up.cpp)
