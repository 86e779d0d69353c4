"""``python -m greycloak``."""

import sys

from greycloak.cli import main

sys.exit(main())
