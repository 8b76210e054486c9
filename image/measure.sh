#!/usr/bin/env bash
# Run inside the image's file system: how long the appliance takes until it is ready, with its AOT cache and without, in turn.
set -euo pipefail

export TIDEMARK_HOME=/tmp/app TIDEMARK_DATA_DIRECTORY=/tmp/data TIDEMARK_SITE_NAME=measured TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK=true
rounds=${1:-5}
program=/usr/lib/tidemark/app
declare -A folder=([with]=$program [without]=/tmp/app)
mkdir /tmp/app
ln -s $program/{app,lib,quarkus,quarkus-run.jar} /tmp/app/

for round in $(seq "$rounds"); do
    for cache in without with; do
        rm -rf /tmp/data
        began=$(date +%s%N)
        TIDEMARK_HOME=${folder[$cache]} /usr/lib/tidemark/bin/tidemark > /tmp/log 2>&1 &
        until curl -sf -o /dev/null http://127.0.0.1:8080/q/health/ready; do sleep 0.02; done
        ready=$(($(date +%s%N) - began))
        # Fields 14 and 15: ticks of 10 ms in user and kernel mode, of all threads.
        cpu=$(awk '{ print ($14 + $15) * 10 }' /proc/$!/stat)
        memory=$(awk '/VmRSS/ { print int($2 / 1024) }' /proc/$!/status)
        echo "round $round, $cache the cache: ready after $((ready / 1000000)) ms, $cpu ms of processor time, $memory MiB resident"
        kill $!
        wait $! || true
    done
done
