#!/bin/bash
# The README's first commands, as they are printed there, on a bare Debian: its apt-get line, `make figure6` and
# `make test`. The Debian is a chroot with namespaces of its own, so that nothing of this machine helps.
#
#     scripts/bare_test.sh [FOLDER]        (make bare-test)
#
# Of the tests those of the commands, of the README and of ranks are run: what the rest computes does not hang on
# what is installed. TESTS= runs all. SUITE is the release of Debian. FOLDER is kept if given. Takes root.
set -euo pipefail
cd "$(dirname "$0")/.."
suite=${SUITE:-trixie}
tests=${TESTS-tests/end_to_end tests/parallel tests/unit/test_plot_style.py}

fail() {
    echo "bare_test.sh: $1" >&2
    exit 1
}

command -v mmdebstrap >/dev/null || fail "missing: mmdebstrap; on Debian: apt-get install mmdebstrap"
[ "$(id -u)" = 0 ] || fail "a chroot is made by root"

if [ -n "${1:-}" ]; then
    mkdir -p "$1"
    folder=$(realpath "$1")
else
    folder=$(mktemp -d)
    trap 'rm -rf --one-file-system "$folder"' EXIT
fi
root=$folder/root
rm -rf --one-file-system "$root"

milliseconds() { date +%s%3N; }
# step NAME COMMAND...: runs it and says how long it took; the end of its output is shown if it fails.
step() {
    local name=$1 start
    shift
    start=$(milliseconds)
    if "$@" >"$folder/output.txt" 2>&1; then
        printf 'ok    %-66s %7.1f s\n' "$name" "$(($(milliseconds) - start))e-3"
    else
        tail -n 60 "$folder/output.txt"
        fail "FAILED: $name"
    fi
}

# As root, or as an ordinary user in a fresh copy of the checkout.
inside() {
    local user=$1
    shift
    # shellcheck disable=SC2016
    unshare --mount --pid --fork --uts --ipc sh -c '
        set -e
        root=$1 user=$2 folder=$3
        shift 3
        hostname bare
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount -t tmpfs tmpfs "$root/dev/shm"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        while read -r path target; do
            if [ -d "$path" ]; then
                mkdir -p "$root$target"
            else
                mkdir -p "$(dirname "$root$target")"
                : >"$root$target"
            fi
            mount --bind -o ro "$path" "$root$target"
        done <"$folder/mounts.txt"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
            chroot "$root" setpriv --reuid="$user" --regid="$user" --init-groups \
            env HOME="$(chroot "$root" getent passwd "$user" | cut -d: -f6)" sh -ec "$*"
    ' sh "$root" "$user" "$folder" "$@"
}

step "a bare Debian ($suite)" mmdebstrap --quiet --variant=minbase "$suite" "$root"
# What a container or an installation has: names of hosts, an ordinary user, packages installed when told so.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
printf '127.0.0.1 localhost bare\n' >"$root/etc/hosts"
echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/yes"
chroot "$root" useradd --create-home islander
mkdir -p "$root/dev/shm"
bash scripts/container/pip_settings.sh "$root/etc/pip.conf" >"$folder/mounts.txt"

# What a clone would have: the files that are in git.
mkdir "$root/home/islander/fem_island"
git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$root/home/islander/fem_island"
chroot "$root" chown -R islander: /home/islander

apt_line=$(grep -m 1 '^apt-get .*install' README.md) || fail "the README has no apt-get line"
checkout='cd ~/fem_island;'

status=0
inside islander "$checkout make figure6" >"$folder/output.txt" 2>&1 || status=$?
[ "$status" != 0 ] || fail "make figure6 works without the README's packages"
# A bare Debian does not know of any package yet.
step "apt-get update" inside root "apt-get update"
step "$apt_line" inside root "$apt_line"
step "make figure6" inside islander "$checkout make figure6"
[ -s "$root/home/islander/fem_island/figure6/figure6.png" ] || fail "there is no figure6/figure6.png"
step "make test ARGS=\"$tests\"" inside islander "$checkout make test ARGS='$tests'"
tail -n 1 "$folder/output.txt" | sed 's/^/      /'
echo "      $(chroot "$root" dpkg-query -f '.\n' -W | wc -l) packages, $(du -sm --one-file-system "$root" | cut -f 1) MB in all"
