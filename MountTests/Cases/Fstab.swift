/// mount(8), umount(8) and fstab(5).
let fstabCases: [TestCase] = [
    TestCase("Fstab/mount -a with every option, once and again, and umount -a") { bench in
        try withHelper(
            bench,
            """
            mkdir -p source/sub a b c; echo hi > source/file
            cat > fstab <<END
            $PWD/source $PWD/a fuse.foliofs defaults 0 0
            $PWD/source $PWD/b fuse.foliofs route=staged,stage-limit=64M,stage-sync-limit=1M,promote=*.so,prestage=*.bin,promotion=none,promotion-rate=1G,promotion-memory=10,promotion-check=0,no-promote-executables,no-aligned-exec,watch=inotify,one-file-system,allow-other,_netdev,nofail,auto,user,users,owner,group,comment=ours,x-systemd.automount,x-systemd.idle-timeout=10min,x-systemd.requires-mounts-for=/,x-systemd.device-timeout=1s,X-mount.mkdir,x-gvfs-hide,nosuid,nodev,noexec,sync,dirsync,noatime,nodiratime,relatime,norelatime,strictatime,lazytime,silent,default_permissions,allow_other 0 0
            $PWD/source $PWD/c foliofs ro,no-passthrough,nofail 0 0
            $PWD/source $PWD/none fuse.foliofs noauto 0 0
            END
            for round in first second; do
                said=$(mount -a --fstab fstab 2>&1) || { echo "$round: $said"; exit 1; }
                [ -z "$said" ] || { echo "$round: $said"; exit 1; }
                [ "$(findmnt -n -l -t fuse.foliofs -o SOURCE | grep -cx "$PWD/source")" = 3 ] || { findmnt; exit 1; }
            done
            options=$(findmnt -n -o OPTIONS b)
            for word in nosuid nodev noexec noatime sync; do [[ ,$options, == *,$word,* ]] || { echo "$word is not in $options"; exit 1; }; done
            cat a/file b/file c/file; echo more > b/more; cat source/more
            touch c/x 2> said && exit 1; grep -q 'Read-only' said
            umount a; umount -a -t fuse.foliofs; [ -z "$(findmnt -n -t fuse.foliofs)" ]
            """)
    },
    TestCase("Fstab/mount -t, the letters of mount(8), and users' fusermount3 -u") { bench in
        try withHelper(
            bench,
            """
            mkdir source m; echo hi > source/file
            mount -f -t fuse.foliofs "$PWD/source" m; [ -z "$(findmnt -n m)" ]
            mount -n -v -s -t fuse.foliofs -o ro "$PWD/source" m; cat m/file; fusermount3 -u m
            mount -t foliofs -o rw "$PWD/source" m; echo x > m/new; cat source/new; foliofs unmount m
            """)
    },
    TestCase("Fstab/what cannot be is told with what to do, and leaves nothing mounted") { bench in
        try withHelper(
            bench,
            """
            mkdir source m
            tell() { status=$1; word=$2; shift 2; "$@" > said 2>&1 && { echo "worked: $*"; exit 1; }; code=$?
                [ "$code" = "$status" ] && grep -q -- "$word" said || { echo "$* ended with $code"; cat said; exit 1; }; }
            tell 2 'no option nonsense' mount -t fuse.foliofs -o nonsense "$PWD/source" m
            tell 2 'route=fast' mount -t fuse.foliofs -o route=fast "$PWD/source" m
            tell 1 ENOENT mount -t fuse.foliofs "$PWD/none" m
            [ -z "$(findmnt -n m)" ]
            mount -t fuse.foliofs "$PWD/source" m
            tell 2 'mount -i -o remount' mount -o remount,ro m
            mount -i -o remount,ro m; touch m/x 2>/dev/null && exit 1
            mount -i -o remount,rw m; touch m/x; umount m
            # A line that may fail does not stop the others.
            printf '%s\\n' "$PWD/none $PWD/m fuse.foliofs nofail 0 0" "$PWD/source $PWD/m fuse.foliofs defaults 0 0" > fstab
            mount -a --fstab fstab > said 2>&1 || true; ls m/x; umount m
            """)
    },
]

/// Runs a script in the case's directory where mount(8) finds its helper and PATH leads to foliofs, in a mount namespace of its own.
private func withHelper(_ bench: Workbench, _ script: String) throws {
    try require(
        """
        mkdir upper work tree; mount -t tmpfs none tree; mkdir tree/upper tree/work
        ln -s "$FOLIOFS" tree/upper/mount.fuse.foliofs; ln -s "$FOLIOFS" tree/upper/mount.foliofs; ln -s "$FOLIOFS" tree/upper/foliofs
        unshare --mount bash -e -c 'mount -t overlay overlay -o lowerdir=/usr/sbin,upperdir=tree/upper,workdir=tree/work /usr/sbin
        [ /sbin -ef /usr/sbin ] || mount --bind /usr/sbin /sbin
        '"$SCRIPT"
        umount tree
        """, in: bench.directory, environment: ["FOLIOFS": bench.foliofs, "SCRIPT": script])
}
