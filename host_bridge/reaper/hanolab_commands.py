"""The fixed table of what the bridge does when asked: name -> command.

A command is called as `command(face, arguments)` with the safe face (`Reascript`) and the
request's arguments, and returns the result, a dictionary that JSON knows. One that takes longer
than a slice of a tick is a generator that returns the result: a bare `yield` lets the others
have their turn (the next slice may come in the same tick), `yield NextTick()` waits for another
tick, and `yield Busy("rendering")` tells every client that the next slice makes REAPER stand
still, and waits for another tick. Between two slices the user, and other clients, may change
anything. When the client goes away or cancels, the generator is closed: what must be undone
then stands in its `finally`. A command fails with `HostFault`.
"""

from __future__ import annotations

import hanolab_place
import hanolab_reading
import hanolab_register
import hanolab_render
import hanolab_talk

COMMANDS = {}
for _module in (hanolab_talk, hanolab_reading, hanolab_register, hanolab_render, hanolab_place):
    COMMANDS.update(_module.COMMANDS)
