#!/bin/bash
# Builds the image of the Dockerfile and tries it as its users would: without rights, with a file system that is
# read-only, without a network.
#
#     scripts/image_test.sh [FOLDER]        (make image-test)
#
# With CONTAINER=docker or podman that engine builds and runs it. Without one (the default), buildah builds the
# very same file on a stand-in for its base image, made of Debian's packages under the name in FROM, so that
# neither a daemon nor a registry is needed; podman and crun run it. That takes root.
# FOLDER holds all that this makes, and is kept if given: the next build then reuses its layers.
set -euo pipefail
cd "$(dirname "$0")/.."
source=$PWD
image=fem_island:test
engine=${CONTAINER:-buildah}

fail() {
    echo "image_test.sh: $1" >&2
    exit 1
}

need() {
    local missing=
    for tool; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
    [ -z "$missing" ] || fail "missing:$missing; on Debian: apt-get install$missing"
}

keep=${1:-}
if [ -n "$keep" ]; then
    mkdir -p "$1"
    folder=$(realpath "$1")
else
    folder=$(mktemp -d)
fi
clean_up() {
    # Only once it is this storage that is meant.
    if [ "${CONTAINERS_STORAGE_CONF:-}" = "$folder/storage.conf" ]; then
        # What a build that failed has left; then the images, if nobody wants them. The storage is mounted on itself.
        buildah rm --all >/dev/null 2>&1 || true
        [ -n "$keep" ] || podman rmi --all --force >/dev/null 2>&1 || true
        umount "$folder/graph/overlay" 2>/dev/null || true
    fi
    [ -n "$keep" ] || rm -rf --one-file-system "$folder"
}
trap clean_up EXIT

# --- with buildah, podman and crun alone --------------------------------------------------------------

prepare() {
    need buildah podman crun mmdebstrap
    [ "$(id -u)" = 0 ] || fail "without an engine the base image is made by root"
    mkdir -p "$folder/graph" "$folder/run"
    printf '[storage]\ndriver = "overlay"\nrunroot = "%s/run"\ngraphroot = "%s/graph"\n' "$folder" "$folder" \
        >"$folder/storage.conf"
    # Limits that podman's defaults exceed would be refused inside another container.
    cat >"$folder/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:$(ulimit -Hn)", "nproc=30000:30000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
CONF
    export CONTAINERS_STORAGE_CONF="$folder/storage.conf" CONTAINERS_CONF="$folder/containers.conf"
    export BUILDAH_ISOLATION=chroot
}

make_base() {
    local base release container
    base=$(sed -n 's/^FROM *\([^ ]*\).*/\1/p' Dockerfile | head -n 1)
    release=${base##*:}
    release=${release%-slim}
    buildah inspect --type image "$base" >/dev/null 2>&1 && return
    echo "making a stand-in for $base"
    # Without the documentation, as in the slim images.
    mmdebstrap --quiet --variant=minbase --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$release" "$folder/base.tar"
    container=$(buildah from scratch)
    buildah add -q "$container" "$folder/base.tar" / >/dev/null
    buildah config --cmd bash "$container"
    buildah commit -q --rm "$container" "$base" >/dev/null
    rm "$folder/base.tar"
}

build() {
    if [ "$engine" != buildah ]; then
        "$engine" build -t "$image" "$source"
        return
    fi
    make_base
    # Where this machine's pip looks for packages is lent to the build. Of it only empty mount points stay.
    local options=()
    while read -r path target; do
        options+=(-v "$path:$target:ro")
    done < <(bash scripts/container/pip_settings.sh "$folder/pip.conf")
    [ ! -s "$folder/pip.conf" ] || options+=(-v "$folder/pip.conf:/etc/pip.conf:ro")
    buildah bud --pull-never --layers --network host "${options[@]}" -t "$image" "$source"
}

# Runs the image as its user would; options of the engine, --, arguments of the image.
run() {
    local options=()
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    shift
    set -- --rm --read-only --network none "${options[@]}" "$image" "$@"
    if [ "$engine" = buildah ]; then
        # crun refuses a hybrid cgroup tree, so its second half is hidden; it has no say without cgroups anyway.
        unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null || true; exec "$@"' sh \
            podman run --cgroups=disabled "$@"
    elif [ "$engine" = docker ]; then
        # What podman adds to --read-only by itself.
        docker run --tmpfs /tmp:exec "$@"
    else
        "$engine" run "$@"
    fi
}

# ------------------------------------------------------------------------------------------------------

if [ "$engine" = buildah ]; then
    prepare
else
    need "$engine"
fi

milliseconds() { date +%s%3N; }

# check NAME COMMAND...: runs it and says how long it took; its output is shown if it fails.
check() {
    local name=$1 start
    shift
    start=$(milliseconds)
    if "$@" >"$folder/output.txt" 2>&1; then
        printf 'ok    %-66s %7.1f s\n' "$name" "$(($(milliseconds) - start))e-3"
    else
        cat "$folder/output.txt"
        fail "FAILED: $name"
    fi
}

start=$(milliseconds)
build
seconds=$((($(milliseconds) - start) / 1000))
inspect=$([ "$engine" = docker ] && echo docker || echo podman)
size=$("$inspect" image inspect --format '{{.Size}}' "$image")
echo "built in $seconds s; image of $((size / 1000000)) MB"

# Mounted as /work: writable for any user, because ids differ between the machine and the image.
work=$folder/work
rm -rf "$work"
mkdir "$work"
chmod 1777 "$work"
mount=(-v "$work:/work")
cat >"$work/map.toml" <<'CASE'
[interlayer]
material = "Ag"
reaction = "release"
[sweep]
"islands.width" = { from = "2 um", to = "40 um", count = 4 }
"operation.current_density" = { from = "0.1 mA/cm^2", to = "5 mA/cm^2", count = 6, spacing = "log" }
CASE
# Two kinds of kinetics and a film.
cat >"$work/new.toml" <<'CASE'
[interlayer]
material = "Ag"
reaction = "reversible"
[[islands]]
width = "3 um"
center = "10 um"
kinetics = { law = "linear" }
[[islands]]
width = "8 um"
center = "35 um"
CASE
# Compiled forms that are not links into the image are new ones.
# shellcheck disable=SC2016
count='fem-island solve "$1" --json >/dev/null && test "$(find "$XDG_CACHE_HOME/fenics" -name "*.so" -type f | wc -l)" "$2" "$3"'

check "--version" run -- --version
check "runs as a user without rights" run -- setpriv --dump
grep -q '^uid: 0' "$folder/output.txt" && fail "runs as root"
check "selftest" run -- selftest
check "figure6 into a mounted folder" run "${mount[@]}" -- figure6
test -s "$work/figure6/figure6.png" || fail "there is no figure6/figure6.png"
check "solve with pictures" run "${mount[@]}" -- solve new.toml --out solved
check "the usual forms are in the image" run "${mount[@]}" -- sh -c "$count" sh map.toml -eq 0
check "and those of other kinetics" run "${mount[@]}" -- sh -c "$count" sh new.toml -eq 0
check "where there are none they are compiled" \
    run "${mount[@]}" -e XDG_CACHE_HOME=/work/empty -- sh -c "$count" sh new.toml -gt 0
check "a sweep on two ranks" run "${mount[@]}" -- mpirun -n 2 fem-island sweep map.toml --out map
check "one problem on four ranks, for another user" \
    run "${mount[@]}" --user 12345:12345 -- mpirun -n 4 fem-island solve map.toml --out other
check "figure6 for another user" run "${mount[@]}" --user 12345:12345 -- figure6 --out other/figure6
check "new forms are kept in a mounted folder" \
    run "${mount[@]}" -e XDG_CACHE_HOME=/work/cache -- solve new.toml --out kept
[ -n "$(ls "$work/cache/fenics")" ] || fail "there are no forms in the mounted folder"
if [ "$engine" != docker ]; then
    check "the usual forms with a /tmp from which nothing can be run" \
        run "${mount[@]}" --tmpfs /tmp:rw,noexec -- solve map.toml --out noexec
    check "solve with nothing but /work to write to" \
        run "${mount[@]}" --read-only-tmpfs=false -- solve map.toml --out bare
fi
check "Python" run -- python -c 'import fem_island as fi; print(fi.solve(fi.Cell()).result.overpotential_mean)'
check "some tests of the checkout" run -v "$source:/work:ro" -- \
    pytest -q -p no:cacheprovider tests/unit/test_kinetics.py tests/verification/test_exact_answers.py
