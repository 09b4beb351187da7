#!/bin/sh
# What the image starts: a command on PATH (mpirun, python, sh, fem-island), or arguments of fem-island.
set -eu

# DOLFINx writes a form that it has not compiled yet where it looks for those that it has. Where that folder
# cannot be written (a file system that is read-only) another one takes its place, with links to what is there.
# With no place to write at all the forms of the image are enough for the usual cases.
if ! [ -w "$XDG_CACHE_HOME/fenics" ] && scratch=$(mktemp -d -t fem-island.XXXXXXXX 2>/dev/null); then
    mkdir "$scratch/fenics" "$scratch/matplotlib"
    ln -s "$XDG_CACHE_HOME"/fenics/* "$scratch/fenics/"
    ln -s "$XDG_CACHE_HOME"/matplotlib/* "$scratch/matplotlib/"
    export XDG_CACHE_HOME="$scratch" MPLCONFIGDIR="$scratch/matplotlib"
fi

if [ $# -gt 0 ] && command -v -- "$1" >/dev/null; then
    exec "$@"
fi
exec fem-island "$@"
