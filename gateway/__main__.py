"""`python -m gateway` is `multiway`."""

import sys

from gateway.cli import main

sys.exit(main())
