# @description HanoLab: stems and voices
# @version 0.1.0
# @author HanoLab
# @metapackage
# @provides
#   [main] HanoLab_*.py
#   [nomain] hanolab_*.py
# @about
#   Stem separation, voice conversion and effect presets as actions: mark a region, run an action,
#   and it comes back as new tracks, aligned to the sample, in one undo step.
#
#   These scripts only talk to REAPER. The work is done by the program hanolab_dawtools, which is
#   installed apart from them. After installing this package, and after every update, run once:
#
#   hanolab reaper install
#
#   It tells the scripts where the program is. Python must be set up in REAPER's preferences
#   (Plug-ins > ReaScript); hanolab reaper install --set-python does it while REAPER is closed.

# ruff: noqa: D100 - the head is ReaPack's
