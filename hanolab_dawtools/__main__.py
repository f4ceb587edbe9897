"""The command `hanolab`, also as `python -m hanolab_dawtools`."""

import sys


def main() -> None:
    """Run the command; an interruption while it is still being loaded ends it quietly, too."""
    try:
        from hanolab_dawtools.cli.main import run  # noqa: PLC0415 - loading is part of the run

        run()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
