"""Makes a wheel from a staged program: pip then installs `exo`.

    make-wheel.py STAGED OUTPUT VERSION PLATFORM_TAG EPOCH_SECONDS

The same content gives the same bytes. Source: PEP 427, PEP 376, and the core metadata specification 2.1.
"""

import base64
import hashlib
import os
import stat
import sys
import time
import zipfile

PACKAGE = "exo_distributed"
ENTRY = '''"""Runs the program of exo that lies beside this file."""

import os
import sys


def main():
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "program")
    node = os.path.join(program, "node")
    os.execv(node, [node, os.path.join(program, "dist", "exo.mjs"), *sys.argv[1:]])
'''


def main(staged: str, output: str, version: str, platform_tag: str, epoch_seconds: int) -> None:
    info = f"{PACKAGE}-{version}.dist-info"
    moment = time.gmtime(max(epoch_seconds, 315532800))[:6]  # zip knows no time before 1980
    records: list[str] = []
    name = os.path.join(output, f"{PACKAGE}-{version}-py3-none-{platform_tag}.whl")
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as wheel:

        def add(path: str, data: bytes, is_executable: bool = False) -> None:
            entry = zipfile.ZipInfo(path, moment)
            entry.external_attr = (stat.S_IFREG | (0o755 if is_executable else 0o644)) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            records.append(f"{path},sha256={digest},{len(data)}")

        for folder, folders, files in os.walk(staged):
            folders.sort()
            for file in sorted(files):
                path = os.path.join(folder, file)
                place = os.path.join(PACKAGE, "program", os.path.relpath(path, staged)).replace(os.sep, "/")
                with open(path, "rb") as opened:
                    add(place, opened.read(), os.access(path, os.X_OK))
        add(f"{PACKAGE}/__init__.py", ENTRY.encode())
        metadata = [
            "Metadata-Version: 2.1",
            "Name: exo-distributed",
            f"Version: {version}",
            "Summary: Large language models on all your machines as one",
            "License: Apache-2.0",
            "Requires-Python: >=3.8",
        ]
        tags = ["Wheel-Version: 1.0", "Generator: exo-distributed", "Root-Is-Purelib: false", f"Tag: py3-none-{platform_tag}"]
        add(f"{info}/METADATA", ("\n".join(metadata) + "\n").encode())
        add(f"{info}/WHEEL", ("\n".join(tags) + "\n").encode())
        add(f"{info}/entry_points.txt", f"[console_scripts]\nexo = {PACKAGE}:main\n".encode())
        record = "\n".join([*records, f"{info}/RECORD,,"]) + "\n"
        entry = zipfile.ZipInfo(f"{info}/RECORD", moment)
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        wheel.writestr(entry, record)
    print(name)


if __name__ == "__main__":
    main(*sys.argv[1:5], int(sys.argv[5]))
