"""`python -m cornu`: the command `cornu`."""

import sys

from cornu.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
