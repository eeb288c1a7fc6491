#!/usr/bin/env bash
# Starts a Slurm of one machine on the loopback, for tests: start_slurm.sh FOLDER. Needs root and the
# packages slurmctld, slurmd, slurm-client and munge. Its slurm.conf lies in the folder.
set -euo pipefail
folder=$1
host=$(hostname -s)
mkdir -p "$folder"/{state,spool} /run/munge
if [ ! -s /etc/munge/munge.key ]; then
  head -c 1024 /dev/urandom > /etc/munge/munge.key
  chown munge: /etc/munge/munge.key
  chmod 400 /etc/munge/munge.key
fi
chown munge: /run/munge
pgrep -x munged > /dev/null || runuser -u munge -- munged
cat > "$folder/slurm.conf" <<CONF
ClusterName=made
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26917
SlurmdPort=26918
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
AuthInfo=cred_expire=5
KillWait=10
SchedulerParameters=sched_interval=1,batch_sched_delay=0,requeue_delay=1
NodeName=$host NodeAddr=127.0.0.1 CPUs=${2:-4} RealMemory=1000 State=UNKNOWN
PartitionName=made Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$folder/slurm.conf"
slurmctld
slurmd
for _ in $(seq 60); do
  if sinfo --noheader --format %t 2> /dev/null | grep -q idle; then exit 0; fi
  sleep 0.5
done
sinfo
exit 1
