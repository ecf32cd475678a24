"""What a worker starts for each flow run (`python -m flows.engine`): Prefect's own engine, imported for less.

Told no command, a worker starts two processes, the first of which looks for a workspace for three seconds of CPU.
"""

import runpy
import warnings

from flows.environment import importing_prefect

if __name__ == "__main__":
    with importing_prefect():
        from flows.slot import hold_slots_briefly
    hold_slots_briefly()
    # Parts of Prefect import the engine too; running it beside that is what `python -m prefect.engine` does.
    warnings.filterwarnings("ignore", "'prefect.engine' found in sys.modules", RuntimeWarning)
    runpy.run_module("prefect.engine", run_name="__main__", alter_sys=True)
