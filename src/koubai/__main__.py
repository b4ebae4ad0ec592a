"""`python -m koubai` is `koubai`."""

import sys

from koubai.cli import main

sys.exit(main())
