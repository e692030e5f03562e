#!/bin/sh
# The browser tests need a Chromium: take the one that is there, else install one.
set -u
bin=$1

for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
"$bin/python" - <<'PYTHON' && exit 0
import sys
from pathlib import Path
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not Path(playwright.chromium.executable_path).exists())
PYTHON

if command -v apt-get >/dev/null 2>&1; then
  as_root=""
  [ "$(id -u)" = 0 ] || as_root="sudo -n"
  echo "Installing Debian's chromium for the browser tests ..."
  $as_root apt-get update -qq >/dev/null 2>&1
  DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq chromium >/dev/null 2>&1
  command -v chromium >/dev/null 2>&1 && exit 0
fi
echo "Installing Playwright's chromium for the browser tests ..."
"$bin/playwright" install chromium >/dev/null 2>&1 && exit 0

echo "The browser tests need a Chromium. Install it with: sudo apt-get install chromium" >&2
exit 1
