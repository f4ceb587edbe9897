# HanoLab: Separate selection into 4 stems
from reaper_python import *  # noqa: F403

try:
    import hanolab_start
except (ImportError, SyntaxError) as error:
    RPR_ShowConsoleMsg(f"HanoLab: {error}. Run hanolab reaper install again.\n")  # noqa: F405
else:
    hanolab_start.run("separate-4")
