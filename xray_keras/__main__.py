"""`python -m xray_keras` is `xray-keras`."""

import sys

try:
    from xray_keras.cli import main

    sys.exit(main())
except KeyboardInterrupt:  # before the command line, which answers by itself, is there
    sys.exit(130)
