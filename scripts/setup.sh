#!/usr/bin/env bash
# Brings a fresh Debian or Ubuntu machine to where Zhangfang builds, and says each step in one line.
#
#   scripts/setup.sh build   what `make run` needs
#   scripts/setup.sh test    also what `make test` needs
#   scripts/setup.sh screens what `make screenshots` and the console's part of `make bench` need
#
# Quick when nothing is missing. Rust and Node are checked, not replaced: how to get them is yours to
# decide, and is said.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '▸ %s\n' "$*"; }
fail() {
  printf '✗ %s\n' "$*" >&2
  exit 1
}
# at_least 20.19 20.20.2: whether the second version is not older than the first.
at_least() { [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$1" ]; }

what="${1:-build}"
packages=(build-essential pkg-config libwebkit2gtk-4.1-dev ca-certificates)
case "$what" in
  build) ;;
  test) packages+=(xvfb webkit2gtk-driver openssl poppler-utils qpdf zbar-tools
    postgresql mariadb-server) ;;
  screens) ;;
  *) fail "setup.sh: build, test or screens, not $what" ;;
esac

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    fail "not root and there is no sudo; as root run: $*"
  fi
}

refreshed=
apt_install() {
  # A machine just made has no package lists; one with old lists asks for files that are gone.
  if [ -z "$refreshed" ]; then
    say "refreshing package lists"
    as_root apt-get update -qq
    refreshed=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

if command -v dpkg-query >/dev/null; then
  missing=()
  for package in "${packages[@]}"; do
    state="$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)"
    [ "$state" = installed ] || missing+=("$package")
  done
  # A browser reads the console's pages and takes their pictures; any Chromium will do.
  if [ "$what" != build ] && [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    missing+=(chromium)
  fi
  # Receipts carry their own font; the window needs one for Chinese.
  if ! command -v fc-list >/dev/null || [ -z "$(fc-list :lang=zh-cn family 2>/dev/null | head -n1)" ]; then
    missing+=(fontconfig fonts-noto-cjk)
  fi
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing with apt: ${missing[*]}"
    apt_install "${missing[@]}"
  fi
else
  say "no apt here: these must be installed already: ${packages[*]} and a Chinese font"
fi

node_is_new() {
  command -v npm >/dev/null && at_least 20.19 "$(node --version 2>/dev/null | tr -d v || true)"
}
if ! node_is_new; then
  offered="$(apt-cache policy nodejs 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9.]*\).*/\1/p' || true)"
  if [ -n "$offered" ] && at_least 20.19 "$offered"; then
    say "installing with apt: nodejs npm"
    apt_install nodejs npm
  fi
  node_is_new ||
    fail "Node 20.19 or newer with npm is needed, found: $(node --version 2>/dev/null || echo none). Get it from https://nodejs.org/en/download or, on Debian 12, from https://github.com/nodesource/distributions"
fi

rust="$(rustc --version 2>/dev/null | cut -d' ' -f2 || true)"
if [ -z "$rust" ] || ! at_least 1.95 "$rust"; then
  fail "Rust 1.95 or newer is needed, found: ${rust:-none}. Get it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . ~/.cargo/env   (or: rustup update stable)"
fi
if [ "$what" = test ]; then
  for part in fmt clippy; do
    cargo $part --version >/dev/null 2>&1 || {
      say "adding cargo $part"
      rustup component add "$([ $part = fmt ] && echo rustfmt || echo clippy)" >/dev/null 2>&1 ||
        fail "cargo $part is missing and rustup could not add it"
    }
  done
fi

# npm packages: again only when the list changed.
list="$(cat ui/package.json ui/package-lock.json ui/.npmrc 2>/dev/null | sha256sum | cut -d' ' -f1)"
stamp=ui/node_modules/.zf-packages
if [ "$(cat $stamp 2>/dev/null || true)" != "$list" ]; then
  say "installing npm packages"
  (cd ui && npm ci --no-audit --no-fund --loglevel=error)
  printf '%s' "$list" >$stamp
fi

# The console's pages: again only when their sources changed.
sources="$(find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)"
stamp=ui/node_modules/.zf-pages
if [ "$(cat $stamp 2>/dev/null || true)" != "$sources" ] || [ ! -d ui/dist/assets ]; then
  say "building the console's pages"
  (cd ui && npm run --silent build -- --logLevel warn)
  printf '%s' "$sources" >$stamp
fi
