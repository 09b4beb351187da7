#!/bin/bash
# Hosts on this machine, for scripts/cluster_test.sh: network namespaces, each with a name and an address of its
# own, on a bridge that lives in the first of them. The machine's own interfaces are not touched. Takes root.
#
#     hosts.sh up N FOLDER      makes island0 to islandN, and FOLDER/on HOST COMMAND... which runs something there
#     hosts.sh down N           ends what still runs there, and removes them
set -eu

prefix=island
network=10.77.0

up() {
    mkdir -p "$folder"
    printf '127.0.0.1 localhost\n' >"$folder/hosts"
    for i in $(seq 0 "$count"); do
        host=$prefix$i
        echo "$network.$((i + 1)) $host" >>"$folder/hosts"
        ip netns add "$host"
        ip -n "$host" link set lo up
        if [ "$i" = 0 ]; then
            ip -n "$host" link add eth0 type bridge
        else
            ip -n "$host" link add eth0 type veth peer name "port$i" netns "${prefix}0"
            ip -n "${prefix}0" link set "port$i" master eth0 up
        fi
        ip -n "$host" address add "$network.$((i + 1))/24" dev eth0
        ip -n "$host" link set eth0 up
    done
    # The name of the host and what it knows of the others are seen there only.
    cat >"$folder/on" <<SCRIPT
#!/bin/sh
host=\$1
shift
exec ip netns exec "\$host" unshare --mount --uts sh -c '
    hostname "\$0"
    mount --bind "$folder/hosts" /etc/hosts
    exec "\$@"' "\$host" "\$@"
SCRIPT
    chmod +x "$folder/on"
}

signal() { # NAME: to all that runs on the hosts, and only there
    for i in $(seq 0 "$count"); do
        for process in $(ip netns pids "$prefix$i" 2>/dev/null); do
            kill -s "$1" "$process" 2>/dev/null || true
        done
    done
}

down() {
    signal TERM
    for _ in $(seq 20); do
        remaining=$(for i in $(seq 0 "$count"); do ip netns pids "$prefix$i" 2>/dev/null || true; done)
        [ -n "$remaining" ] || break
        sleep 0.1
    done
    signal KILL
    for i in $(seq 0 "$count"); do
        ip netns delete "$prefix$i" 2>/dev/null || true
    done
}

count=$2
folder=${3:-}
"$1"
