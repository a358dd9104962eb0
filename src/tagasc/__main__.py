"""``python -m tagasc`` is ``tagasc``."""

import sys

from tagasc.cli import main

if __name__ == "__main__":
    sys.exit(main())
