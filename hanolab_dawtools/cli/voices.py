"""`hanolab voices`: the voice models that a conversion can use."""

from __future__ import annotations

from hanolab_dawtools.cli import options
from hanolab_dawtools.cli.console import Screen
from hanolab_dawtools.cli.session import open_session


def voices(as_json: options.Json = False, quiet: options.Quiet = False) -> None:
    """List the voice models of your HanoLab account, with the ids that --voice takes."""
    with open_session(Screen(as_json=as_json, quiet=quiet)) as session:
        models = session.services.client().voice_models(stop=session.stop)
        screen = session.screen
        if not models:
            screen.say(
                "This account has no voice models yet. Train one on HanoLab's site; "
                "it is listed here then."
            )
        else:
            screen.table(["voice", "name"], [[model.id, model.name] for model in models])
        screen.document(
            {
                "voices": [
                    {"id": model.id, "name": model.name, "raw": dict(model.raw)} for model in models
                ]
            }
        )
