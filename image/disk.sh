#!/usr/bin/env bash
# Makes a disk of a file system tree that boots by BIOS and by UEFI; nothing is mounted for that, and no device made.
#
#   disk.sh TREE QCOW2
set -euo pipefail

tree=$1
qcow2=$2

# In memory, where a folder lists its files in the order they were made in, and gone with this process.
if [ -z "${IN_OWN_MOUNTS:-}" ]; then
    IN_OWN_MOUNTS=1 exec unshare --mount --propagation private "$0" "$@"
fi
work=$(mktemp -d "$(dirname "$qcow2")/disk.XXXXXX")
mount -t tmpfs -o mode=700 disk "$work"
trap 'umount "$work"; rmdir "$work"' EXIT

# Fixed, so that two builds of the same tree are the same.
root_uuid=7d6ac3a4-30a4-4a8e-9a33-0f2f4b8c2a11
disk_uuid=2f6c6f0a-6b2a-4d0f-8d77-7a3d5b0c9e21
boot_fat_id=71DE3A4C
root_seed=5f1b0c77-4f3c-47a4-a3a1-6d3c1f9e0b42

sector=512
mib=$((1 << 20))
bios_start=1 bios_mib=1
efi_start=2 efi_mib=34     # the least that FAT32 takes
root_start=36 root_mib=2010
disk_mib=$((root_start + root_mib + 1)) # the last one holds the second table
at() { echo $(($1 * mib / sector)); }

# GRUB finds its menu on the root file system; all that it takes for that is in its image.
modules="part_gpt ext2 search search_fs_uuid normal configfile linux echo test serial terminal"
echo "search --no-floppy --fs-uuid --set=root $root_uuid
set prefix=(\$root)/boot/grub
configfile \$prefix/grub.cfg" > "$work/start.cfg"

make_efi_partition() {
    # shellcheck disable=SC2086 # words of a list
    grub-mkimage -O x86_64-efi -o "$work/bootx64.efi" -p /boot/grub -c "$work/start.cfg" $modules fat efi_gop efi_uga
    truncate -s "${efi_mib}M" "$work/efi"
    mkfs.fat --invariant -F 32 -n TIDEMARKEFI -i "$boot_fat_id" "$work/efi" > /dev/null
    touch --date="@$SOURCE_DATE_EPOCH" "$work/bootx64.efi"
    mmd -i "$work/efi" ::EFI ::EFI/BOOT
    mcopy -m -i "$work/efi" "$work/bootx64.efi" ::EFI/BOOT/BOOTX64.EFI
}

make_root_partition() {
    mkdir "$work/tree"
    tar -C "$tree" --sort=name --numeric-owner --xattrs -cf - . | tar -C "$work/tree" --numeric-owner --xattrs -xpf -
    truncate -s "${root_mib}M" "$work/root"
    # These note when they ran, and mke2fs when each file was made where it comes from.
    at_epoch mke2fs -q -t ext4 -L tidemark-root -U "$root_uuid" -E "hash_seed=$root_seed,root_owner=0:0" -d "$work/tree" "$work/root"
    find "$work/tree" -printf "sif \"/%P\" ctime @$SOURCE_DATE_EPOCH\nsif \"/%P\" atime @$SOURCE_DATE_EPOCH\n" > "$work/times"
    at_epoch debugfs -w -f "$work/times" "$work/root" > "$work/debugfs.log" 2>&1
    # It echoes what it was told, and says more only if that failed.
    if grep -v '^debugfs' "$work/debugfs.log"; then return 1; fi
    at_epoch e2fsck -fn "$work/root" > "$work/e2fsck.log" 2>&1 || { cat "$work/e2fsck.log"; return 1; }
}

at_epoch() { TZ=UTC faketime -f "$(date -u -d "@$SOURCE_DATE_EPOCH" '+%F %T')" "$@"; }

# What grub-bios-setup does to a device: the first sector loads the second stage, whose first sector loads the rest of it.
install_bios_boot() {
    # shellcheck disable=SC2086
    grub-mkimage -O i386-pc -o "$work/core.img" -p /boot/grub -c "$work/start.cfg" $modules biosdisk
    [ "$(stat -c %s "$work/core.img")" -le $((bios_mib * mib)) ]
    little_endian "$(at $bios_start)" | poke "$work/boot.img" $((0x5c)) /usr/lib/grub/i386-pc/boot.img
    little_endian $(($(at $bios_start) + 1)) | poke "$work/core.img" $((0x1f4))
    dd if="$work/boot.img" of="$1" bs=1 count=440 conv=notrunc status=none
    place "$work/core.img" "$1" $bios_start
}

little_endian() { python3 -c 'import sys; sys.stdout.buffer.write(int(sys.argv[1]).to_bytes(8, "little"))' "$1"; }

# poke FILE OFFSET [COPY-OF]: overwrites bytes of a file with what comes in.
poke() {
    [ -z "${3:-}" ] || cp "$3" "$1"
    dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# place PART DISK MIB
place() { dd if="$1" of="$2" bs=1M seek="$3" conv=notrunc,sparse status=none; }

make_efi_partition
make_root_partition
truncate -s "${disk_mib}M" "$work/disk"
sfdisk -q "$work/disk" <<EOF
label: gpt
label-id: $disk_uuid
start=$(at $bios_start), size=$(at $bios_mib), type=21686148-6449-6E6F-744E-656564454649, uuid=${disk_uuid/%21/31}, name=bios
start=$(at $efi_start), size=$(at $efi_mib), type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, uuid=${disk_uuid/%21/32}, name=efi
start=$(at $root_start), size=$(at $root_mib), type=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709, uuid=${disk_uuid/%21/33}, name=root
EOF
place "$work/efi" "$work/disk" $efi_start
place "$work/root" "$work/disk" $root_start
install_bios_boot "$work/disk"
rm -f "$qcow2"
qemu-img convert -q -c -o compression_type=zstd -f raw -O qcow2 "$work/disk" "$qcow2"
