"""`python -m hanolab_dawtools` is `hanolab`."""

from hanolab_dawtools.cli.main import run

if __name__ == "__main__":
    run()
