"""``python -m vivant``."""

from vivant.cli import main

if __name__ == "__main__":
    main()
