"""A script whose last line is not guarded."""

import sys

sys.exit(0)
