#!/bin/sh
# Prints the interpreter to build with: the first of 3.14 to 3.11 that can make a virtual environment
# and has the headers to compile against. As root on Debian or Ubuntu installs what is missing.
set -eu

usable() {
    "$1" - <<'PYTHON' >/dev/null 2>&1
import ensurepip, os, sys, sysconfig, venv
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(not ((3, 11) <= sys.version_info < (3, 15) and os.path.isfile(header)))
PYTHON
}

find_usable() {
    for name in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3 /usr/bin/python3}; do
        if usable "$name"; then
            "$name" -c 'import sys; print(sys.executable)'
            return 0
        fi
    done
    return 1
}

if find_usable; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        python3 python3-venv python3-dev >&2
    if find_usable; then
        exit 0
    fi
fi
echo "Python 3.11 or later with its venv module and headers is needed:" >&2
echo "    apt install python3 python3-venv python3-dev" >&2
exit 1
