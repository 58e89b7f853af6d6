#!/bin/sh
# Compiles the CNI shim, or another program of one C file: build.sh OUTPUT [SOURCE]. Static, because the shim runs on
# hosts whose C library we do not know; musl makes it 30 KiB instead of 800. CC overrides the choice of compiler.
set -eu
source=${2:-$(dirname "$0")/portolan-cni.c}
if [ -n "${CC:-}" ]; then
  compiler=$CC
elif command -v musl-gcc >/dev/null 2>&1; then
  compiler=musl-gcc
elif command -v cc >/dev/null 2>&1; then
  compiler=cc
else
  echo "portolan: no C compiler found; install one (Debian, Ubuntu: apt-get install musl-tools, or gcc and libc6-dev)" >&2
  exit 1
fi
mkdir -p "$(dirname "$1")"
exec "$compiler" -std=c11 -Os -static -s -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -o "$1" "$source"
