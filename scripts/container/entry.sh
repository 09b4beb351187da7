#!/bin/sh
# What the image starts: a command on PATH (mpirun, python, sh, fem-island), or arguments of fem-island.
set -eu

# DOLFINx writes a form that it has not compiled yet where it looks for those that it has. Where that folder
# cannot be written (a file system that is read-only) another one takes its place, with links to what is there.
# With no place to write at all the forms of the image are enough for the usual cases.
cache=$XDG_CACHE_HOME
if ! { mkdir -p "$cache/fenics" && [ -w "$cache/fenics" ]; } 2>/dev/null &&
    scratch=$(mktemp -d -t fem-island.XXXXXXXX 2>/dev/null); then
    export XDG_CACHE_HOME="$scratch"
    for folder in fenics matplotlib; do
        mkdir "$scratch/$folder"
        [ ! -d "$cache/$folder" ] || find "$cache/$folder" -type f -exec ln -s -t "$scratch/$folder" {} +
    done
fi
# Matplotlib would also make a folder in the user's home, and complain where it cannot.
export MPLCONFIGDIR="${MPLCONFIGDIR:-$XDG_CACHE_HOME/matplotlib}"

if [ $# -gt 0 ] && command -v -- "$1" >/dev/null; then
    exec "$@"
fi
exec fem-island "$@"
