#!/usr/bin/env bash
# The one door to the tests: `tests/run.sh` runs all of them, `tests/run.sh fast` stops before the end-to-end ones.
# Installs what is missing with apt, where it may.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*"; }

is_root() { [ "$(id -u)" = 0 ]; }

# command → Debian package
need() {
    local missing=()
    while [ $# -gt 0 ]; do
        command -v "$1" >/dev/null || missing+=("$2")
        shift 2
    done
    [ ${#missing[@]} = 0 ] && return
    say "installing ${missing[*]}"
    local sudo=()
    is_root || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null
}

need cargo cargo cc build-essential rg ripgrep
[ -n "$(cargo fmt --version 2>/dev/null)" ] || { echo 'the Rust toolchain has no rustfmt: rustup component add rustfmt clippy' >&2; exit 1; }

say 'format and lints'
cargo fmt --check
cargo clippy --quiet --all-targets --features failpoints -- -D warnings

say 'words that may not stand in the code'
if rg -n '\b(TODO|FIXME|XXX)\b' src migrations tests --glob '!tests/run.sh' --glob '!**/node_modules/**'; then
    echo 'write an issue or do it' >&2
    exit 1
fi

say 'Rust tests'
cargo test --quiet --features failpoints

say 'documentation'
RUSTDOCFLAGS='-D warnings -A rustdoc::bare-urls' cargo doc --quiet --no-deps --document-private-items --features failpoints

[ "${1:-}" = fast ] && exit 0

need node nodejs npm npm python3 python3 faketime faketime
is_root && need mkfs.ext4 e2fsprogs mount mount
say 'end-to-end tests'
cargo build --quiet --features failpoints
(cd tests/e2e && npm ci --silent --no-audit --no-fund)
files=(tests/e2e/*.test.js)
if ! is_root; then
    files=()
    for file in tests/e2e/*.test.js; do
        case "$file" in */root_*) echo "left out, needs root: $file" ;; *) files+=("$file") ;; esac
    done
fi
# One file at a time: two cores, and the figures of one test should not be the noise of another.
# A test that hangs is a test that fails.
timeout 15m node --test --test-concurrency=1 --test-reporter=spec "${files[@]}"
