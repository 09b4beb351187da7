#!/bin/bash
# sshd.sh FOLDER HOST...: an sshd on each host that hosts.sh made, with keys of its own, and FOLDER/ssh, which knows
# them: HYDRA_LAUNCHER_EXEC=FOLDER/ssh mpirun -launcher ssh -hosts island1,island2 ...
# They end with `hosts.sh down`. Nobody's ~/.ssh is read or written.
set -eu

folder=$1
shift

for key in identity host_key; do
    ssh-keygen -q -t ed25519 -N '' -C fem-island-test -f "$folder/$key"
done
cp "$folder/identity.pub" "$folder/authorized_keys"
cat >"$folder/sshd_config" <<CONF
HostKey $folder/host_key
AuthorizedKeysFile $folder/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PidFile none
CONF
cat >"$folder/ssh_config" <<CONF
IdentityFile $folder/identity
IdentitiesOnly yes
UserKnownHostsFile $folder/known_hosts
GlobalKnownHostsFile none
StrictHostKeyChecking accept-new
LogLevel ERROR
BatchMode yes
ConnectTimeout 5
CONF
printf '#!/bin/sh\nexec ssh -F "%s/ssh_config" "$@"\n' "$folder" >"$folder/ssh"
chmod +x "$folder/ssh"

for host; do
    # sshd wants this folder; it is that host's only.
    "$folder/on" "$host" sh -c 'mount -t tmpfs none /run && mkdir /run/sshd && exec /usr/sbin/sshd -D -e -f "$0"' \
        "$folder/sshd_config" >"$folder/sshd_$host.log" 2>&1 &
done
for host; do
    for _ in $(seq 40); do
        "$folder/on" island0 "$folder/ssh" "$host" true 2>/dev/null && continue 2
        sleep 0.1
    done
    echo "sshd.sh: no answer from $host" >&2
    cat "$folder/sshd_$host.log" >&2
    exit 1
done
