"""The numbers REAPER keeps under keys: which exist, what they are at first, which are read only.

From the comments of the SDK's header. A key outside these tables reads 0 and refuses to be set,
as REAPER has it.
"""

from __future__ import annotations

TRACK_DEFAULTS = {
    "B_MUTE": 0.0,
    "B_PHASE": 0.0,
    "I_SOLO": 0.0,
    "B_SOLO_DEFEAT": 0.0,
    "I_FXEN": 1.0,
    "I_RECARM": 0.0,
    "I_RECINPUT": -1.0,
    "I_RECMODE": 0.0,
    "I_RECMON": 0.0,
    "I_AUTOMODE": 0.0,
    "I_NCHAN": 2.0,
    "I_SELECTED": 0.0,
    "I_FOLDERDEPTH": 0.0,
    "I_FOLDERCOMPACT": 0.0,
    "I_MIDIHWOUT": -1.0,
    "I_PERFFLAGS": 0.0,
    "I_CUSTOMCOLOR": 0.0,
    "I_HEIGHTOVERRIDE": 0.0,
    "B_HEIGHTLOCK": 0.0,
    "D_VOL": 1.0,
    "D_PAN": 0.0,
    "D_WIDTH": 1.0,
    "D_DUALPANL": -1.0,
    "D_DUALPANR": 1.0,
    "I_PANMODE": 0.0,
    "D_PANLAW": -1.0,
    "I_PANLAW_FLAGS": 0.0,
    "B_SHOWINMIXER": 1.0,
    "B_SHOWINTCP": 1.0,
    "B_MAINSEND": 1.0,
    "C_MAINSEND_OFFS": 0.0,
    "C_MAINSEND_NCH": 0.0,
    "I_FREEMODE": 0.0,
    "I_NUMFIXEDLANES": 1.0,
    "C_LANESCOLLAPSED": 0.0,
    "C_LANESETTINGS": 0.0,
    "C_ALLLANESPLAY": 1.0,
    "C_BEATATTACHMODE": -1.0,
    "B_AUTO_RECARM": 0.0,
    "D_PLAY_OFFSET": 0.0,
    "I_PLAY_OFFSET_FLAG": 1.0,
}
MASTER_DEFAULTS = {"B_MAINSEND": 0.0}

ITEM_DEFAULTS = {
    "B_MUTE": 0.0,
    "B_MUTE_ACTUAL": 0.0,
    "C_MUTE_SOLO": 0.0,
    "B_LOOPSRC": 1.0,
    "B_ALLTAKESPLAY": 0.0,
    "B_UISEL": 0.0,
    "C_BEATATTACHMODE": -1.0,
    "C_AUTOSTRETCH": 0.0,
    "C_LOCK": 0.0,
    "D_VOL": 1.0,
    "D_POSITION": 0.0,
    "D_LENGTH": 0.0,
    "D_SNAPOFFSET": 0.0,
    "D_FADEINLEN": 0.0,
    "D_FADEOUTLEN": 0.0,
    "D_FADEINDIR": 0.0,
    "D_FADEOUTDIR": 0.0,
    "D_FADEINLEN_AUTO": 0.0,
    "D_FADEOUTLEN_AUTO": 0.0,
    "C_FADEINSHAPE": 0.0,
    "C_FADEOUTSHAPE": 0.0,
    "I_GROUPID": 0.0,
    "I_CUSTOMCOLOR": 0.0,
    "I_CURTAKE": 0.0,
    "I_FIXEDLANE": 0.0,
    "F_FREEMODE_Y": 0.0,
    "F_FREEMODE_H": 1.0,
    "C_LANEPLAYS": 1.0,
}

TAKE_DEFAULTS = {
    "D_STARTOFFS": 0.0,
    "D_VOL": 1.0,
    "D_PAN": 0.0,
    "D_PANLAW": -1.0,
    "D_PLAYRATE": 1.0,
    "D_PITCH": 0.0,
    "B_PPITCH": 0.0,
    "I_CHANMODE": 0.0,
    "I_PITCHMODE": -1.0,
    "I_CUSTOMCOLOR": 0.0,
    "I_RECPASSID": 0.0,
}

SEND_DEFAULTS = {
    "B_MUTE": 0.0,
    "B_PHASE": 0.0,
    "B_MONO": 0.0,
    "D_VOL": 1.0,
    "D_PAN": 0.0,
    "D_PANLAW": -1.0,
    "I_SENDMODE": 0.0,
    "I_AUTOMODE": -1.0,
    "I_SRCCHAN": 0.0,
    "I_DSTCHAN": 0.0,
    "I_MIDIFLAGS": 0.0,
}

PROJECT_NUMBERS = {
    "RENDER_SETTINGS": 0.0,
    "RENDER_BOUNDSFLAG": 1.0,
    "RENDER_CHANNELS": 2.0,
    "RENDER_SRATE": 0.0,
    "RENDER_STARTPOS": 0.0,
    "RENDER_ENDPOS": 0.0,
    "RENDER_TAILFLAG": 18.0,
    "RENDER_TAILMS": 1000.0,
    "RENDER_ADDTOPROJ": 0.0,
    "RENDER_DITHER": 0.0,
    "RENDER_NORMALIZE": 0.0,
    "RENDER_NORMALIZE_TARGET": 0.0631,  # -24 dB
    "RENDER_BRICKWALL": 1.0,
    "RENDER_FADEIN": 0.0,
    "RENDER_FADEOUT": 0.0,
    "RENDER_FADEINSHAPE": 0.0,
    "RENDER_FADEOUTSHAPE": 0.0,
    "RENDER_FADELPF": 0.0,
    "RENDER_PADSTART": 0.0,
    "RENDER_PADEND": 0.0,
    "RENDER_TRIMSTART": 0.0,
    "RENDER_TRIMEND": 0.0,
    "RENDER_DELAY": 0.0,
    "PROJECT_SRATE": 48000.0,
    "PROJECT_SRATE_USE": 0.0,
    "PROJECT_TIMEBASE": 1.0,
}
PROJECT_TEXTS = {
    "RENDER_FILE": "",
    "RENDER_PATTERN": "",
    "RENDER_FORMAT": "ZXZhdxgAAA==",  # WAV, 24 bit
    "RENDER_FORMAT2": "",
    "RENDER_METADATA": "",
    "RENDER_EXTRAFILEDIR": "",
    "PROJECT_TITLE": "",
    "PROJECT_AUTHOR": "",
    "RECORD_PATH": "",
}
# Keys that came with a later version; an older REAPER does not know them.
SINCE = {
    "RENDER_PADSTART": (7, 37),
    "RENDER_PADEND": (7, 37),
    "RENDER_TRIMSTART": (7, 37),
    "RENDER_TRIMEND": (7, 37),
    "RENDER_DELAY": (7, 41),
    "RENDER_EXTRAFILEDIR": (7, 44),
}


def stored(key: str, value: float) -> float:
    """What REAPER keeps of a value that is set: the type is the key's first letter."""
    if key.startswith("B_"):
        return float(value != 0)
    if key == "I_NCHAN":
        return float(min(128, max(2, int(value) + int(value) % 2)))
    return float(value) if key[0] in "DF" else float(int(value))
