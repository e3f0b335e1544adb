"""generated/ is what the command writes, byte for byte, in any order and with any hash seed."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.generate import FOLDER, expected, present, write


def test_the_folder_is_what_the_command_writes(update: bool) -> None:
    wanted = expected()
    if update:
        write(wanted)
    assert present() == wanted


def test_the_hash_seed_changes_nothing() -> None:
    program = "from tests.generate import expected; print(ascii(expected()))"
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FOLDER.parent, env=environment, capture_output=True, check=True
    )
    assert done.stdout.decode() == f"{expected()!a}\n"
