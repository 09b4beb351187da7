#!/bin/sh
# Looks for what pip cannot install: a Python, a C compiler with its headers, the OpenGL and X libraries.
# Prints the path of the chosen Python on stdout. Everything that is missing is one line on stderr, with
# the Debian package that brings it, and the exit status is then 1. PYTHON=... says which one to use.
set -u

faults=0
packages=

missing() { # what and what for, Debian packages, another way
    echo "missing: $1: apt-get install $2${3:+ ($3)}" >&2
    faults=$((faults + 1))
    packages="$packages $2"
}

refuse() {
    echo "$1" >&2
    exit 1
}

# --- platform ---------------------------------------------------------------------------------------

platform="$(uname -s) $(uname -m)"
[ "$platform" = "Linux x86_64" ] ||
    refuse "the DOLFINx wheel is for Linux x86_64 and this is $platform: use conda, see environment.yml"

glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || glibc="another C library"
case $glibc in
    "glibc 2."*) [ "${glibc#glibc 2.}" -ge 34 ] 2>/dev/null && glibc=enough ;;
esac
[ "$glibc" = enough ] ||
    refuse "the DOLFINx wheel needs glibc 2.34 (Debian 12, Ubuntu 22.04 or later) and this system has $glibc: use conda, see environment.yml"

# --- Python -----------------------------------------------------------------------------------------

uv=
uv --version >/dev/null 2>&1 && uv=uv

# Prints "<what is lacking> <path>" of a CPython that the pinned packages support; else fails.
# The base executable, because the one of an activated .venv is about to be replaced.
probe='
import sys
if not ((3, 12) <= sys.version_info[:2] <= (3, 14) and sys.implementation.name == "cpython"):
    sys.exit(1)
import ctypes, os, ssl, sysconfig
if sysconfig.get_config_var("Py_GIL_DISABLED"):
    sys.exit(1)
lacking = ""
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    lacking += "headers,"
if sys.argv[1] != "uv": # which makes environments without the venv module
    try:
        from ensurepip import bootstrap
        from venv import create
    except ImportError:
        lacking += "venv,"
print(lacking or "nothing", getattr(sys, "_base_executable", None) or sys.executable)
'

# The versions this was tried with come first, each also where PATH does not lead.
candidates() {
    [ -z "${PYTHON:-}" ] || { command -v "$PYTHON"; return; }
    for name in python3.13 python3.12 python3.14 python3; do
        echo "$PATH" | tr ':' '\n' | while IFS= read -r folder; do
            [ -n "$folder" ] && echo "$folder/$name"
        done
        for folder in /usr/local/bin /usr/bin \
            "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin \
            "${XDG_DATA_HOME:-$HOME/.local/share}"/uv/python/*/bin \
            "${XDG_DATA_HOME:-$HOME/.local/share}"/mise/installs/python/*/bin \
            "$HOME"/.asdf/installs/python/*/bin \
            /opt/python/*/bin; do
            echo "$folder/$name"
        done
    done
}

# The first that lacks nothing, else the first that at least has the right version.
choose() {
    second_best=
    while IFS= read -r candidate; do
        [ -x "$candidate" ] || continue
        found=$("$candidate" -I -c "$probe" "$uv" </dev/null 2>/dev/null) || continue
        case $found in "nothing "*) echo "$found" && return ;; esac
        [ -n "$second_best" ] || second_best=$found
    done
    [ -n "$second_best" ] && echo "$second_best"
}

HOME=${HOME:-/}
found=$(candidates | choose)
[ -n "$found" ] || [ -z "${PYTHON:-}" ] || refuse "PYTHON=$PYTHON is not a CPython 3.12, 3.13 or 3.14 with ctypes and ssl"
if [ -z "$found" ] && [ -n "$uv" ]; then
    echo "no Python 3.12, 3.13 or 3.14 here: asking uv for one" >&2
    uv python install --quiet 3.13 &&
        found=$("$(uv python find --quiet 3.13)" -I -c "$probe" "$uv" </dev/null 2>/dev/null)
fi

lacking=${found%% *}
python=${found#* }
if [ -z "$found" ]; then
    missing "Python 3.12, 3.13 or 3.14" "python3 python3-venv python3-dev" \
        "from Debian 13 or Ubuntu 24.04 on; elsewhere 'uv python install 3.13' or 'pyenv install 3.13'"
else
    version=$("$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    case $lacking in
        *venv*) missing "the venv module of $python" "python$version-venv" ;;
    esac
    case $lacking in
        *headers*) missing "Python.h for $python (DOLFINx compiles forms)" "python$version-dev" ;;
    esac
fi

# --- C compiler -------------------------------------------------------------------------------------

# What Python's own build tools would call.
compiler=${CC:-}
[ -n "$compiler" ] || [ -z "$found" ] ||
    compiler=$("$python" -I -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "")')
compiler=${compiler:-cc}

if ! command -v "${compiler%% *}" >/dev/null 2>&1; then
    case $compiler in *clang*) package=clang ;; *) package=gcc ;; esac
    missing "the C compiler ${compiler%% *} (DOLFINx compiles forms)" "$package libc6-dev"
else
    scratch=$(mktemp -d) || exit 1
    trap 'rm -rf "$scratch"' EXIT
    printf '#include <complex.h>\n#include <math.h>\n#include <stdlib.h>\nint answer(void) { return abs(-1); }\n' >"$scratch/answer.c"
    # $compiler unquoted: it may carry options.
    $compiler -shared -fPIC -o "$scratch/answer.so" "$scratch/answer.c" -lm >/dev/null 2>&1 ||
        missing "the C library's headers (${compiler%% *} builds nothing without them)" "libc6-dev"
fi

# --- OpenGL and X libraries -------------------------------------------------------------------------

present() { # the loader's own answer where there is a Python to ask
    if [ -n "$found" ]; then
        "$python" -I -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" >/dev/null 2>&1
    else
        PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$1 .*x86-64"
    fi
}

while read -r library user package; do
    present "$library" || missing "$library (for $user)" "$package"
done <<LIBRARIES
libGL.so.1 VTK libgl1
libEGL.so.1 VTK libegl1
libGLU.so.1 Gmsh libglu1-mesa
libXft.so.2 Gmsh libxft2
libXcursor.so.1 Gmsh libxcursor1
libXinerama.so.1 Gmsh libxinerama1
libgomp.so.1 Gmsh libgomp1
LIBRARIES

# ----------------------------------------------------------------------------------------------------

[ "$faults" -le 1 ] || echo "all of them at once: apt-get install$packages" >&2
[ "$faults" -eq 0 ] || exit 1
echo "$python"
