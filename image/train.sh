#!/usr/bin/env bash
# Run inside the image: starts the appliance once as the service does, uses it a little, and leaves the classes that it loaded in an AOT
# cache, which later starts map instead of loading and verifying them one by one.
set -euo pipefail

export TIDEMARK_HOME=/usr/lib/tidemark/app TIDEMARK_DATA_DIRECTORY=/tmp/data TIDEMARK_SITE_NAME=training
export TIDEMARK_LINK_PLAINTEXT_ON_LOOPBACK=true TIDEMARK_LINK_LISTEN=127.0.0.1:10810 TIDEMARK_JOURNAL_SEGMENT_BYTES=8M
export TIDEMARK_JOURNAL_QUOTA=64M TIDEMARK_JOURNAL_RESERVE=1M
api=http://127.0.0.1:8080/api/v1
cache=/usr/lib/tidemark/app/tidemark.aot

/usr/lib/tidemark/bin/tidemark --record > /tmp/log 2>&1 &
appliance=$!
trap '[ $? = 0 ] || cat /tmp/log' EXIT
until curl -sf -o /dev/null http://127.0.0.1:8080/q/health/ready; do
    kill -0 $appliance
    sleep 0.2
done
put() { curl -sf -o /dev/null -X PUT -H 'Content-Type: application/json' -d "$2" "$api/$1"; }
put peers/other '{"addresses": ["127.0.0.1:9"]}'
put vms/shop '{"peer": "other", "disks": [{"name": "system", "sizeBytes": 1048576, "attachMode": "direct"}]}'
for path in api/v1/site api/v1/vms api/v1/peers api/v1/events q/metrics q/health; do
    curl -sf -o /dev/null "http://127.0.0.1:8080/$path"
done
kill $appliance
wait $appliance || [ $? = 143 ]
[ -s "$cache" ]
