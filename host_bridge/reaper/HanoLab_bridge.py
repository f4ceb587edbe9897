# HanoLab: Bridge (the other actions start it)
from reaper_python import *  # noqa: F403

try:
    import hanolab_start
except (ImportError, SyntaxError) as error:
    RPR_ShowConsoleMsg(f"HanoLab: {error}. Run hanolab reaper install again.\n")  # noqa: F405
else:
    hanolab_start.run_bridge()
