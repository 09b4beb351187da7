#!/bin/bash
# Sweeps on several hosts and under Slurm, on one machine: hosts are network namespaces with addresses and an sshd
# of their own, Slurm is that of Debian's packages with one controller and two nodes. Each result is compared, bit
# for bit, with that of the same sweep on one process.
#
#     scripts/cluster_test.sh [FOLDER]        (make cluster-test)
#
# FOLDER is for what this makes, and is kept if given. FEM_ISLAND_BIN is the folder of fem-island and its mpirun.
# Takes root, and leaves nothing running.
set -Eeuo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${FEM_ISLAND_BIN:-.venv/bin}")
helpers=$PWD/scripts/cluster
batch_script=$PWD/scripts/sweep.slurm
count=2
export FEM_ISLAND_BIN=$bin OMP_NUM_THREADS=1

fail() {
    echo "cluster_test.sh: $1" >&2
    exit 1
}

missing=
while read -r tool package; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || missing="$missing $package"
done <<TOOLS
ip iproute2
sshd openssh-server
ssh openssh-client
munged munge
slurmctld slurmctld
slurmd slurmd
sbatch slurm-client
TOOLS
[ -z "$missing" ] || fail "missing, on Debian: apt-get install$missing"
[ "$(id -u)" = 0 ] || fail "hosts are made by root"
[ -x "$bin/fem-island" ] || fail "there is no $bin/fem-island: make install"
! ip netns list | grep -q '^island' || fail "there are hosts already: sh $helpers/hosts.sh down $count removes them"

keep=${1:-}
if [ -n "$keep" ]; then
    mkdir -p "$1"
    folder=$(realpath "$1")
    rm -rf "$folder"/cluster "$folder"/sweeps
else
    folder=$(mktemp -d)
fi
clean_up() {
    bash "$helpers/hosts.sh" down "$count"
    [ -n "$keep" ] || rm -rf "$folder"
}
trap clean_up EXIT
trap 'echo "cluster_test.sh: line $LINENO ended with status $?; 124 is that of a time limit" >&2' ERR
trap 'exit 1' INT TERM

cluster=$folder/cluster
sweeps=$folder/sweeps
mkdir -p "$cluster" "$sweeps"
on=$cluster/on

# Enough points that all ranks have work, and that a job can be interrupted.
cat >"$sweeps/map.toml" <<'CASE'
[interlayer]
material = "Ag"
reaction = "release"
[sweep]
"islands.width" = { from = "1 um", to = "45 um", count = 300 }
"operation.current_density" = { from = "0.1 mA/cm^2", to = "5 mA/cm^2", count = 40, spacing = "log" }
"operation.temperature" = ["25 degC", "60 degC"]
CASE

milliseconds() { date +%s%3N; }
seconds_since() { echo "$((($(milliseconds) - $1) / 100))" | sed -E 's/(.)$/.\1/; s/^\./0./'; }
report() { printf 'ok    %-66s %6s s\n' "$1" "$2"; }

# Bytes that a host has sent and received over the link.
bytes() { "$on" "$1" sh -c 'cat /sys/class/net/eth0/statistics/[rt]x_bytes' | awk '{ sum += $1 } END { print sum }'; }

same() { # compares a sweep's results with those of one process, and says who computed them
    PYTHONPATH=tests${PYTHONPATH:+:$PYTHONPATH} "$bin/python" - "$sweeps/alone" "$1" <<'PYTHON'
import sys
from pathlib import Path
from sweep_runs import assert_equal_to_the_last_bit, load
one, other = (load(Path(folder)) for folder in sys.argv[1:])
assert_equal_to_the_last_bit(one, other)
print(f"      {one.status.size} points, {len(one.variables)} variables: equal to the last bit")
PYTHON
    echo "      kB of finished points per rank: $(cd "$1/batches" && du -b -- * | awk '{ printf "%d ", $1 / 1000 }')"
}

start=$(milliseconds)
"$bin/fem-island" sweep "$sweeps/map.toml" --out "$sweeps/alone" --quiet >"$folder/output.txt"
report "a sweep on one process" "$(seconds_since "$start")"

# --- mpirun over ssh ----------------------------------------------------------------------------------

bash "$helpers/hosts.sh" up "$count" "$cluster"
bash "$helpers/sshd.sh" "$cluster" island1 island2

# By itself the MPI library finds that the namespaces share their memory, and nothing would go over the link.
spread() {
    UCX_TLS=tcp,self MPIR_CVAR_ASYNC_PROGRESS=1 HYDRA_LAUNCHER_EXEC="$cluster/ssh" \
        timeout 300 "$on" island1 "$bin/mpirun" -launcher ssh -hosts island1,island2 -ppn 1 -n 2 "$@"
}
before=$(bytes island2)
spread hostname >"$folder/output.txt"
[ "$(sort -u "$folder/output.txt" | paste -sd ' ')" = "island1 island2" ] || fail "the ranks are not on two hosts"
launching=$(($(bytes island2) - before))
before=$(bytes island2)
start=$(milliseconds)
spread "$bin/fem-island" sweep "$sweeps/map.toml" --out "$sweeps/hosts" --quiet >"$folder/output.txt"
report "the same on two ranks on two hosts, by mpirun over ssh" "$(seconds_since "$start")"
over_link=$(($(bytes island2) - before))
same "$sweeps/hosts"
echo "      over the link: $over_link bytes; $launching when nothing but a name is asked for"
[ "$over_link" -gt $((launching + 20000)) ] || fail "the ranks did not talk over the link"

# --- Slurm --------------------------------------------------------------------------------------------

start=$(milliseconds)
bash "$helpers/slurm.sh" "$cluster" "$count"
report "a Slurm of two nodes ($(slurmctld -V)) comes up" "$(seconds_since "$start")"
export SLURM_CONF=$cluster/slurm.conf

slurm() { "$on" island0 "$@"; }
submit() { slurm sbatch --parsable --chdir="$sweeps" --output="$sweeps/job-%j.txt" "$@"; }

state() { slurm scontrol show job "$1" | sed -n 's/.*JobState=\([A-Z]*\).*/\1/p'; }
wait_for() { # JOB STATE
    for _ in $(seq 600); do
        found=$(state "$1")
        [ "$found" != "$2" ] || return 0
        case $found in
            FAILED | TIMEOUT | CANCELLED | NODE_FAIL | COMPLETED)
                cat "$sweeps/job-$1.txt"
                slurm scontrol show job "$1"
                grep -iE "\b(JobId=|job )$1\b" "$cluster"/log/*.log || true
                fail "job $1 is $found and not $2"
                ;;
        esac
        sleep 0.2
    done
    fail "job $1 is still $found"
}

start=$(milliseconds)
job=$(submit --nodes=2 --ntasks=2 --ntasks-per-node=1 "$batch_script" map.toml slurm)
wait_for "$job" COMPLETED
report "sbatch scripts/sweep.slurm, two tasks on two nodes" "$(seconds_since "$start")"
same "$sweeps/slurm"

start=$(milliseconds)
slurm timeout 300 srun --mpi=pmi2 --nodes=2 --ntasks=2 --ntasks-per-node=1 \
    "$bin/fem-island" sweep "$sweeps/map.toml" --out "$sweeps/srun" --quiet >"$folder/output.txt"
report "srun --mpi=pmi2, two tasks" "$(seconds_since "$start")"
same "$sweeps/srun"

status=0
slurm timeout 300 srun --mpi=none --ntasks=2 \
    "$bin/fem-island" sweep "$sweeps/map.toml" --out "$sweeps/none" --quiet >"$folder/output.txt" 2>&1 || status=$?
grep -q "each would be alone" "$folder/output.txt" || fail "srun --mpi=none was not refused"
[ "$status" = 2 ] || fail "srun --mpi=none was refused with exit status $status"
report "srun --mpi=none is refused" "-"

# What Slurm does a minute before the end of a job's time, here as soon as some points are finished.
start=$(milliseconds)
job=$(submit --ntasks=1 "$batch_script" map.toml again)
wait_for "$job" RUNNING
for _ in $(seq 300); do
    [ "$(cat "$sweeps/again/batches/"* 2>/dev/null | wc -c)" -lt 300000 ] || break
    sleep 0.05
done
slurm scancel --signal=USR1 --batch "$job"
wait_for "$job" PENDING
[ ! -e "$sweeps/again/results.nc" ] || fail "the sweep was over before it was interrupted"
# Slurm waits two minutes before it starts a job again. Within the second in which it was stopped a node would refuse
# it (its credential counts as revoked), and the job would fail.
sleep 2
slurm scontrol update "jobid=$job" StartTime=now
wait_for "$job" COMPLETED
grep -q "finished before" "$sweeps/job-$job.txt" || fail "the job did not go on from what was finished"
report "a job whose time is nearly over is queued again and goes on" "$(seconds_since "$start")"
echo "      $(grep -o '[0-9]* computed in.*' "$sweeps/job-$job.txt")"
same "$sweeps/again"
