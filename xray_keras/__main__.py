"""`python -m xray_keras` is `xray-keras`."""

import sys

from xray_keras.cli import main

sys.exit(main())
