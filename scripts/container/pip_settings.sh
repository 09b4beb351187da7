#!/bin/bash
# pip_settings.sh CONF: writes where this machine's pip looks for packages (an index of its own, certificates, ...)
# into CONF, for a pip in a container or chroot, and prints the files and folders that CONF names, a line each:
# their path here, and the one at which CONF expects them. CONF is empty where pip has its defaults.
set -eu

conf=$1
python3 -m pip config list 2>/dev/null |
    sed -nE "s/^(global|install|:env:)\.(index-url|extra-index-url|find-links|trusted-host|cert|proxy)='(.*)'$/\2 = \3/p" |
    awk '!seen[$1]++' >"$conf" || true
[ -s "$conf" ] || exit 0

# Not at their own places: that of the certificates is a package's, which may be installed there. An index in a
# folder leads to files beside that folder.
grep -oE '( |file://)/[^ ]+' "$conf" | sed -E 's,^ ,,; s,^file://(.*)/[^/]+/?$,\1,' | sort -u |
    while read -r path; do
        [ ! -e "$path" ] || echo "$(realpath "$path") /run/pip$path"
    done
sed -Ei 's,( |file://)(/[^ ]+),\1/run/pip\2,g; 1i [global]' "$conf"
