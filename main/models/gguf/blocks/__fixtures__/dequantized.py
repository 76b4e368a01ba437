# Prints random blocks of each quantized type with the numbers that PyPI's `gguf` 0.19.0 decodes: python dequantized.py > dequantized.json
import base64, json, sys
import numpy as np
from gguf import quants
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as T
rng = np.random.default_rng(7)
out = {}
halves = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0], "MXFP4": []}
for name, places in halves.items():
    elements, size = GGML_QUANT_SIZES[T[name]]
    blocks = rng.integers(0, 256, (2, size), dtype=np.uint8)
    for place in places:
        blocks[:, place:place + 2] = rng.normal(0, 0.02, 2).astype(np.float16).reshape(2, 1).view(np.uint8)
    if name == "MXFP4":
        blocks[:, 0] = rng.integers(118, 126, 2)
    numbers = quants.dequantize(blocks, T[name]).astype("<f4")
    out[name] = {"blocks": base64.b64encode(blocks.tobytes()).decode(), "numbers": base64.b64encode(numbers.tobytes()).decode()}
json.dump(out, sys.stdout, indent=2)
