#!/bin/sh
# Installs programs with apt when run by root; else names the packages. Arguments: program=package ...
# A missing program is an error only where TSLOOM_REQUIRE_PEERS=1: tests that need it skip and say so.
set -eu

missing() {
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || printf '%s\n' "${pair#*=}"
    done | sort -u
}

packages=$(missing "$@")
if [ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086  # one word per package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages ||
        echo "apt could not install: $packages" >&2
    packages=$(missing "$@")
fi
if [ -n "$packages" ]; then
    echo "Not installed, so what needs them is left out; to have it:" >&2
    echo "    apt install" $packages >&2
    [ "${TSLOOM_REQUIRE_PEERS:-0}" != 1 ]
fi
