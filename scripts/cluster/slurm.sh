#!/bin/bash
# slurm.sh FOLDER N: a Slurm of Debian's packages on the hosts that hosts.sh made: its controller on island0, nodes
# island1 to islandN. Its commands work with SLURM_CONF=FOLDER/slurm.conf, on those hosts. It ends with `hosts.sh down`.
set -eu

folder=$1
count=$2
export SLURM_CONF="$folder/slurm.conf"

mkdir -p "$folder/munge" "$folder/state" "$folder/log"
chmod 755 "$folder/munge"
(umask 077 && head -c 1024 /dev/urandom >"$folder/munge.key")

# Neither systemd nor control groups are needed; what a site has of them is not what is tried here.
cat >"$SLURM_CONF" <<CONF
ClusterName=islands
SlurmctldHost=island0(10.77.0.1)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool_%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd_%n.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd_%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=pmi2
ReturnToService=2
SlurmdTimeout=15
KillWait=5
JobRequeue=1
RequeueExit=75
CONF
for i in $(seq "$count"); do
    mkdir "$folder/spool_island$i"
    echo "NodeName=island$i NodeAddr=10.77.0.$((i + 1)) CPUs=$(nproc --all) RealMemory=1000 State=UNKNOWN"
done >>"$SLURM_CONF"
echo "PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP" >>"$SLURM_CONF"
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nConstrainCores=no\n' >"$folder/cgroup.conf"

start() { # NAME HOST COMMAND...
    name=$1
    shift
    "$folder/on" "$@" >"$folder/log/$name.out" 2>&1 &
}
start munged island0 munged --force --foreground --key-file="$folder/munge.key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed"
for _ in $(seq 40); do
    [ -S "$folder/munge/socket" ] && break
    sleep 0.1
done
start slurmctld island0 slurmctld -D
for i in $(seq "$count"); do
    start "slurmd_island$i" "island$i" slurmd -D -N "island$i"
done
for _ in $(seq 80); do
    [ "$("$folder/on" island0 sinfo -h -N -o %T 2>/dev/null | grep -c idle)" = "$count" ] && exit 0
    sleep 0.25
done
echo "slurm.sh: the nodes do not come up" >&2
tail -n 5 "$folder"/log/* >&2
exit 1
