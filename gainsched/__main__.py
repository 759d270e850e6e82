"""``python -m gainsched``: the command line."""

from __future__ import annotations

from gainsched.cli.app import main

if __name__ == "__main__":
    main()
