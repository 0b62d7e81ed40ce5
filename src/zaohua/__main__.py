"""``python -m zaohua``."""

from zaohua.cli import main

main()
