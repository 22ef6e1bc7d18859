#!/bin/bash
# C tests with gcc and with clang, and every fuzz target for FUZZ_SECONDS, all under AddressSanitizer
# and UndefinedBehaviorSanitizer. Run by `make sanitize`.
set -eu -o pipefail
cd "$(dirname "$0")/../.."

for compiler in gcc clang; do
    if ! command -v "$compiler" >/dev/null; then
        if [ "$(id -u)" != 0 ]; then
            echo "$compiler is needed: apt install gcc clang libclang-rt-dev" >&2
            exit 1
        fi
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            gcc libc6-dev clang libclang-rt-dev
    fi
done
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1

build() { # build COMPILER FUZZ
    local folder=build/sanitize-$1
    cmake -S . -B "$folder" -G Ninja -DCMAKE_C_COMPILER="$1" -DCMAKE_BUILD_TYPE=Debug \
        -DTSLOOM_PYTHON=OFF -DTSLOOM_C_TESTS=ON -DTSLOOM_SANITIZE=ON -DTSLOOM_FUZZ="$2" \
        --log-level=WARNING
    cmake --build "$folder" -j "$JOBS" -- --quiet
    ctest --test-dir "$folder" --output-on-failure --no-tests=error -j "$JOBS"
}

fuzz() { # fuzz TARGET: what was found in earlier runs is tried again first
    local name=${1##*/} corpus=build/fuzz/${1##*/} seeds=build/fuzz/seeds
    mkdir -p "$corpus"
    echo "fuzzing $name for ${FUZZ_SECONDS} s"
    "$1" -max_total_time="$FUZZ_SECONDS" -max_len=16384 -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="build/fuzz/$name-" -print_final_stats=1 -verbosity=0 \
        "$corpus" "$seeds" >"build/fuzz/$name.log" 2>&1 || {
        echo "$name failed:" && tail -n 60 "build/fuzz/$name.log"
        return 1
    }
}

build gcc OFF
build clang ON

# Seeds: runs of packets out of the sample stream.
mkdir -p build/fuzz/seeds
head -c 1401352 src/tsloom/sample/sample.ts | split -b 13160 -d -a 3 - build/fuzz/seeds/sample-
export -f fuzz
targets=$(find build/sanitize-clang -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x | sort)
[ -n "$targets" ] || { echo "no fuzz targets were built" >&2; exit 1; }
printf '%s\n' "$targets" | xargs -P "$JOBS" -I{} bash -eu -o pipefail -c 'fuzz {}'
grep -H 'stat::number_of_executed_units' build/fuzz/*.log
