"""What may differ between versions and machines, by name, with what it means.

The ones of the model are read in its modules by `host.has(name)`.
"""

MISBEHAVIOURS = {
    "nested_action_is_queued": "Main_OnCommand of a script from a script runs it in a later tick",
    "ctypes_cache_reset": "each script that starts resets ctypes' caches of every running one",
    "actions_not_registered": "AddRemoveReaScript answers 0",
    "defer_never_runs": "deferred code is dropped, as while a modal dialog is open",
    "no_audio_device": "no audio device is open: no rate, no outputs",
    "console_absent": "ShowConsoleMsg is absent",
    "fresh_source_accepted": "ValidatePtr accepts a source that no take has; known ones refuse it",
    "fresh_source_rejected": "SetMediaItemTake_Source says no to a source that no take has",
    "markers_not_valid_pointers": "ValidatePtr refuses ProjectMarker*",
    "validate_any_project": "ValidatePtr accepts objects of tabs that are not shown",
    "no_set_guid": "the GUID keys cannot be set: the call says no",
    "set_guid_ignored": "the GUID keys cannot be set: the call says yes",
    "render_ignores_custom_bounds_for_items": "selected items are rendered whole",
    "render_one_frame_short": "a rendered file misses its last frame",
    "render_one_frame_long": "a rendered file has a frame more",
    "render_silent": "a rendered file holds zeros",
    "render_writes_nothing": "the render ends and there is no file",
    "render_dialog_blocks": "the render opens a dialog and waits for an answer",
    "render_increments_name": "the file gets a number where the name is free",
    "render_at_device_rate": "RENDER_SRATE is ignored",
    "render_in_real_time": "a render takes as long as what it renders (online, 1x)",
    "disk_full": "a rendered file ends halfway; REAPER says so",
    "stem_without_items_is_the_mix": "the stem of a track without items is the master mix",
    "new_items_have_fades": "new items, and the cut of a split, get automatic fades",
    "source_not_attached": "SetMediaItemTake_Source says yes and does nothing",
}
