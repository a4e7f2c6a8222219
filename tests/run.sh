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
    install "${missing[@]}"
}

install() {
    say "installing $*"
    local sudo=()
    is_root || sudo=(sudo)
    "${sudo[@]}" apt-get update -qq
    DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq "$@" >/dev/null
}

need cargo cargo cc build-essential rg ripgrep
[ -n "$(cargo fmt --version 2>/dev/null)" ] || { echo 'the Rust toolchain has no rustfmt: rustup component add rustfmt clippy' >&2; exit 1; }

say 'format and lints'
cargo fmt --check
cargo clippy --quiet --all-targets --features failpoints -- -D warnings

say 'words that may not stand in the code'
if rg -n '\b(TODO|FIXME|XXX)\b' src assets migrations tests --glob '!assets/vendor/**' --glob '!tests/run.sh' --glob '!**/node_modules/**'; then
    echo 'write an issue or do it' >&2
    exit 1
fi

say 'Rust tests'
cargo test --quiet --features failpoints

say 'documentation'
RUSTDOCFLAGS='-D warnings -A rustdoc::bare-urls' cargo doc --quiet --no-deps --document-private-items --features failpoints

need node nodejs npm npm
say 'web app'
node --test --test-reporter=dot tests/web/*.test.js
(cd tests/web && npm ci --silent --no-audit --no-fund && npx tsc -p .)

[ "${1:-}" = fast ] && exit 0

need chromium chromium python3 python3 faketime faketime
need ffmpeg ffmpeg heif-enc libheif-examples /usr/bin/convert imagemagick
python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
# So that the pictures of screens show Korean and faces.
fc-list | grep -q 'Noto Sans CJK' || install fonts-noto-cjk
fc-list | grep -q 'Noto Color Emoji' || install fonts-noto-color-emoji
is_root && need mkfs.ext4 e2fsprogs mount mount
say 'end-to-end tests'
cargo build --quiet --features failpoints
(cd tests/e2e && npm ci --silent --no-audit --no-fund)
# Two lanes: what mostly waits, for time-outs, clocks and disks, and two of the longest, beside the rest; in each one file at a time, so that the
# figures of one test are not the noise of another. A test that hangs is a test that fails.
lane() { timeout 45m node --test --test-concurrency=1 --test-reporter=spec "$@"; }
patient=(tests/e2e/{catch_up,clock,durability,hanging_disk,hostile_frames,hostile_http,lifecycle,media_crash,media_hostile,media_trash,schemathesis,web_chat_acts,web_family}.test.js)
if is_root; then
    patient+=(tests/e2e/root_*.test.js)
else
    echo 'left out, needs root:' tests/e2e/root_*.test.js
fi
files=()
for file in tests/e2e/*.test.js; do
    [[ " ${patient[*]} " == *" $file "* || $file == */root_* ]] || files+=("$file")
done
waited=$(mktemp)
seen=$(mktemp)
lane "${patient[@]}" >"$waited" 2>&1 &
beside=$!
trap 'kill "$beside" 2>/dev/null || true; rm -f "$waited" "$seen"' EXIT
outcome=0
lane "${files[@]}" 2>&1 | tee "$seen" || outcome=$?
wait "$beside" || outcome=$?
cat "$waited"
if [ "$outcome" != 0 ]; then
    say 'what failed'
    for log in "$seen" "$waited"; do sed -n '/failing tests:/,$p' "$log"; done
fi
exit "$outcome"
