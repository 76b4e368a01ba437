"""Prints the snapshot folder of a model if huggingface_hub finds it complete without a network; fails otherwise.

usage: snapshot_offline.py CACHE_DIR MODEL_ID FILE...
"""

import sys

from huggingface_hub import hf_hub_download, snapshot_download

cache_dir, model_id, *files = sys.argv[1:]
folder = snapshot_download(model_id, cache_dir=cache_dir, local_files_only=True)
for file in files:
    hf_hub_download(model_id, file, cache_dir=cache_dir, local_files_only=True)
print(folder)
