"""Children parse and extract; they never import what their parent was started with."""

import subprocess
import sys
from pathlib import Path

PARENT = """
import heavy
from pipeline.workers import Workers
print("main runs", flush=True)
with Workers(2, 60) as workers:
    import queue
    results = queue.SimpleQueue()
    for _ in range(4):
        workers.submit(eval, "sorted({'heavy', 'prefect', 'typer'} & set(__import__('sys').modules))",
                       results.put)
    print([results.get() for _ in range(4)], flush=True)
"""


def test_children_import_neither_the_main_module_nor_what_it_imported(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT)
    (tmp_path / "heavy.py").write_text("")
    for start in (["parent.py"], ["-m", "parent"]):
        done = subprocess.run([sys.executable, *start], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.splitlines() == ["main runs", "[[], [], [], []]"], done.stderr
