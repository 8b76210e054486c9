#!/usr/bin/env bash
# Builds the image: target/tidemark.qcow2, from Debian's packages and what `make build` left. Root, since it makes files of others.
#
#   build.sh            all of it
#   REUSE=1 build.sh    with the packages of the last time, and its AOT cache if the program is the same: then the image is too
set -euo pipefail
umask 022

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$here")
target=$here/target
tree=$target/tree
suite=bookworm

# All times in the image are that of the commit it is made of.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$project" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

say() { echo "== $* ($SECONDS s)"; }

# A Java of our own: what the appliance uses of the JDK and nothing else. `make image-test` writes, ships, kills and drills with it.
make_runtime() {
    rm -rf "$target/jre"
    "$JAVA_HOME/bin/jlink" --output "$target/jre" --strip-debug --no-header-files --no-man-pages --add-modules \
"java.base,java.instrument,java.logging,java.management,java.naming,java.net.http,java.security.jgss,java.security.sasl,java.sql,\
java.transaction.xa,java.xml,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs"
}

# Debian with our packages. Documentation and translations stay out; licences stay.
make_base() {
    local packages
    packages=$(sed 's/#.*//' "$here/packages.txt" | xargs | tr ' ' ,)
    # What it mounts ends with it, whatever happens.
    unshare --mount --propagation private mmdebstrap --quiet --variant=apt --mode=root --include="$packages" \
        --aptopt='Apt::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        "$suite" "$target/base.draft.tar" \
        "deb http://deb.debian.org/debian $suite main" \
        "deb http://deb.debian.org/debian $suite-updates main" \
        "deb http://deb.debian.org/debian-security $suite-security main"
    mv "$target/base.draft.tar" "$target/base.tar"
}

# Runs a command inside the tree, with /proc, /dev and a loopback of its own; all of that is gone when it ends.
inside() {
    unshare --mount --pid --net --ipc --uts --fork --kill-child --propagation private bash -euc '
        ip link set lo up
        mount -t proc proc "$0/proc"
        mount -t tmpfs -o mode=1777 tmp "$0/tmp"
        mount -t tmpfs -o mode=755 dev "$0/dev"
        for each in null zero full random urandom; do touch "$0/dev/$each"; mount --bind "/dev/$each" "$0/dev/$each"; done
        exec chroot "$0" "$@"' "$tree" "$@"
}

# The system as it boots: Debian, our files, the appliance.
make_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    tar -C "$tree" --numeric-owner --xattrs -xf "$target/base.tar"
    cp -a --no-preserve=ownership "$here/root/." "$tree/"
    sed -i "s/@ROOT_UUID@/$(root_uuid)/" "$tree/etc/fstab" "$tree/boot/grub/grub.cfg"

    local home=$tree/usr/lib/tidemark
    cp -a --no-preserve=ownership "$project/appliance/target/quarkus-app" "$home/app"
    cp -a --no-preserve=ownership "$target/jre" "$home/jre"
    install -m 755 "$project/appliance/bin/tidemark" "$home/bin/tidemark"
    ln -s ../lib/tidemark/bin/tidemark "$tree/usr/bin/tidemark"
    mkdir -p "$tree/usr/share/doc/tidemark"
    cp "$project"/docs/*.md "$project/LICENSE" "$tree/usr/share/doc/tidemark/"
    cp "$here/README.md" "$tree/usr/share/doc/tidemark/image.md"

    inside systemd-sysusers
    inside sh -c 'install -d -o tidemark -g tidemark -m 0750 /var/lib/tidemark
        chgrp -R tidemark /etc/tidemark && chmod 0750 /etc/tidemark && chmod 0640 /etc/tidemark/*
        passwd -q -l root'
    inside systemctl --quiet enable systemd-networkd systemd-resolved nftables tidemark-firewall tidemark chrony ssh \
        prometheus-node-exporter
    # Looks for snapshots of LVM, which is not there.
    inside systemctl --quiet disable e2scrub_reap e2scrub_all.timer
    # Each machine makes its own.
    rm -f "$tree"/etc/ssh/ssh_host_* "$tree/var/lib/dbus/machine-id" "$tree/var/lib/systemd/random-seed"
    : > "$tree/etc/machine-id"
    echo tidemark > "$tree/etc/hostname"
    printf '127.0.0.1 localhost\n127.0.1.1 tidemark\n::1 localhost\n' > "$tree/etc/hosts"
    ln -sfn ../run/systemd/resolve/stub-resolv.conf "$tree/etc/resolv.conf"
    rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/*.log "$tree"/var/log/apt/*
    pin_times
}

pin_times() {
    find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
}

# The AOT cache is another one each time it is made, so of the same program it is kept: with it two images are the same, bit by bit.
make_cache() {
    local cache=$tree/usr/lib/tidemark/app/tidemark.aot kept=$target/tidemark.aot program
    program=$(cd "$tree/usr/lib/tidemark" && find app jre -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
    if [ -z "${REUSE:-}" ] || [ ! -f "$kept" ] || [ "$(cat "$kept.program")" != "$program" ]; then
        inside env TIDEMARK_HOME=/usr/lib/tidemark/app bash -s /usr/lib/tidemark/bin/tidemark < "$here/../appliance/bin/train"
        cp "$cache" "$kept"
        echo "$program" > "$kept.program"
    fi
    cp "$kept" "$cache"
    pin_times
}

# What would only be seen at a boot, or never. Each of these has to be right.
check_tree() {
    inside nft -c -f /etc/nftables.conf
    inside sh -c 'mkdir -p /run/sshd && ssh-keygen -q -t ed25519 -N "" -f /tmp/key && sshd -t -h /tmp/key &&
        sshd -T -h /tmp/key | grep -qx "passwordauthentication no"'
    inside sh -c 'rm -rf /run/sshd'
    inside systemd-analyze verify --man=no tidemark.service tidemark-nbd.socket tidemark-firewall.service
    inside systemd-analyze security --offline=true --threshold=15 --no-pager tidemark.service > "$target/security.txt" || {
        cat "$target/security.txt"
        return 1
    }
    grep -o "[0-9.]* OK" "$target/security.txt"
}

root_uuid() { sed -n 's/^root_uuid=//p' "$here/disk.sh"; }

main() {
    mkdir -p "$target"
    say "a Java runtime"
    make_runtime
    if [ -z "${REUSE:-}" ] || [ ! -f "$target/base.tar" ]; then
        say "Debian's packages"
        make_base
    fi
    say "the file system"
    make_tree
    say "checks"
    check_tree
    say "the start of the appliance, recorded"
    make_cache
    say "the disk"
    "$here/disk.sh" "$tree" "$target/tidemark.qcow2"
    "$here/sbom.py" "$tree" > "$target/tidemark.cdx.json"
    (cd "$target" && sha256sum tidemark.qcow2 tidemark.cdx.json tidemark.aot > SHA256SUMS)
    say "done: $(($(stat -c %s "$target/tidemark.qcow2") / 1000000)) MB"
}

[ "${BASH_SOURCE[0]}" != "$0" ] || main
