"""`python -m tsloom`."""

import sys

from tsloom.cli.main import main

sys.exit(main())
