"""The voice preview: pitch, formants and timbre of a voice changed by the WORLD vocoder.

It previews what a conversion does to pitch and character. It knows no one's voice: it is no RVC,
and it is never called so.
"""
